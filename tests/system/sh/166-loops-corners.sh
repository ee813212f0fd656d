for i in 1 2 3; do for j in a b; do [ $j = b ] && continue 2; [ $i = 3 ] && break 2; echo $i$j; done; done; echo $i$j
while :; do while :; do break 2; done; echo no; done; echo out
for i in 1 2; do break 9; done; echo $i; for i in 1 2; do continue 9; echo no; done; echo $i
i=0; until [ $i = 3 ]; do i=$((i + 1)); done; echo $i; while false; do :; done; echo $?; for i in; do false; done; echo $?
for i in a; do false; done; echo $?; while true; do false; break; done; echo $?
f() { for i in 1 2; do return 3; done; }; f; echo $?
for i in 1 2; do (break) 2>/dev/null; echo $i; done
while read a; do echo "<$a>"; done <<E
one
two
E
for i in $(seq 3); do echo $i; done | while read n; do echo $((n * n)); done
i=5; while [ $i -gt 0 ]; do i=$((i - 1)); case $i in 3) continue;; 1) break;; esac; echo $i; done
for i in "a b" c; do echo "$i"; done; for i in a b; do
echo $i; done
for in in in; do echo $in; done
set -- a b; while test $# -gt 0; do shift; done; until ! false; do :; done; echo $?
