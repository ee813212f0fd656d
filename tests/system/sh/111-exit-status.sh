true; echo $?; false; echo $?; (exit 42); echo $?
sh -c 'exit 77'; echo $?
nosuch_command 2>/dev/null; echo $?
/ 2>/dev/null; echo $?
sh -c 'kill -9 $$' 2>/dev/null; echo $?
if true; then (exit 4); fi; echo $?
if false; then :; fi; echo $?
for i in 1; do (exit 5); done; echo $?; for i in; do :; done; echo $?
while false; do :; done; echo $?; i=0; while [ $i = 0 ]; do i=1; (exit 6); done; echo $?
case x in x) (exit 7);; esac; echo $?; case x in y) ;; esac; echo $?
f() { (exit 8); }; f; echo $?
{ (exit 9); }; echo $?; (exit 1) | (exit 10); echo $?
! (exit 3); echo $?; x=$(exit 11); echo $?; (exit 12) || (exit 13); echo $?
eval '(exit 14)'; echo $?; . /dev/null; echo $?
(exit 15) & wait $!; echo $?
cat < /nosuch 2>/dev/null; echo $?; echo > /nosuch/x 2>/dev/null; echo $?
