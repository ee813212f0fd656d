true & echo $?; wait; x=1; { x=2; } & wait; echo $x; (sleep 0; echo bg) & wait; cd /; { cd /tmp; } & wait; pwd
cat </dev/null & wait $!; echo $?; read l & wait $!; echo "${l-unset}"
f() { echo "f $1"; }; f a & wait; for i in 1 2; do echo $i; done & wait; if true; then echo if; fi & wait
true & p=$!; [ "$p" -gt 1 ] && echo pid; wait $p; echo $?; echo a & wait
(true &) ; wait; echo $?; { true & wait $!; echo $?; }
jobs >/dev/null; echo $?; sh -c 'sleep 0 & echo $!' | grep -c '^[0-9]*$'; : & : & : & wait; echo all
a=$( (echo late) & wait); echo $a; trap 'echo usr' USR1; sh -c "kill -USR1 $$" & wait; wait; echo done
