for i in 1 2 3 4 5; do (exit $i) & p="$p $!"; done
for q in $p; do wait $q; echo $?; done
i=0; while [ $i -lt 20 ]; do : & i=$((i + 1)); done; wait; echo $?
x=$(for i in 1 2 3; do echo $i & wait $!; done); echo $x
seq 200 | while read n; do (exit 0) || echo bad; done; echo ok
