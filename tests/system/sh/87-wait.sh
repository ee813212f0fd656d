(exit 3) & wait $!; echo $?
(exit 4) & p=$!; (exit 5) & q=$!; wait $p; echo $?; wait $q; echo $?
wait; echo $?
wait 999999; echo $?
sleep 0.05 & wait; echo $?
(exit 6) & p=$!; sleep 0.05; wait $p; echo $?
true & false & wait; echo $?
(exit 1) & a=$!; (exit 2) & b=$!; wait $a $b; echo $?;
sh -c 'kill -TERM $$' & wait $!; echo $?
{ echo in; exit 7; } & wait $!; echo $?
x=$(sleep 0 & echo bg); echo $x
(wait; echo sub $?)
echo a & wait; echo b
sleep 5 & p=$!; kill $p; wait $p; [ $? -gt 128 ] && echo signalled
(wait $$ ) 2>/dev/null; echo $?
