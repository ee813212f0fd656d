{ sleep 0; echo bg; } & wait; echo fg
(exit 3) & wait $! || echo "failed $?"
x=1; { x=2; } & wait; echo $x
cat & wait; echo empty input
for i in 1 2 3; do (exit $i) & p="$p $!"; done; for j in $p; do wait $j; echo $?; done
true & a=$!; wait $a; echo $?
f() { echo "function $1"; }; f arg & wait
echo a | cat & wait
if true; then echo cond & fi; wait
sleep 5 & k=$!; kill $k; wait $k 2>/dev/null; [ $? -gt 128 ] && echo killed
(sleep 0 & wait; echo inner); wait; echo outer
[ -n "$!" ] && echo has pid
