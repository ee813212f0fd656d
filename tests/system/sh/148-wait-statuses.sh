(exit 3) & wait $!; echo $?
(exit 4) & a=$!; (exit 5) & b=$!; wait $a; echo $?; wait $b; echo $?
(exit 6) & wait; echo $?
wait 999999 2>/dev/null; echo $?
(kill -9 $(sh -c 'echo $PPID')) & wait $! 2>/dev/null; echo $?
sh -c 'kill -15 $$' & wait $! 2>/dev/null; echo $?
true & wait $!; echo $?; false & p=$!; wait $p; echo $?
{ exit 7; } & wait $!; echo $?
f() { return 8; }; f & wait $!; echo $?
x=$(exit 9) & wait $!; echo $?
sh -c 'kill -TERM $$' 2>/dev/null; echo $?
(sh -c 'kill -INT $$'; echo after) 2>/dev/null; echo $?
true & true & wait $! ; wait; echo $?
wait; echo $?
! (exit 3) & wait $!; echo $?
true | false & wait $!; echo $?
