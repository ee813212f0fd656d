sleep 0.1 & p=$!; wait $p; echo $?; (exit 6) & wait $!; echo $?; { echo bg; } & wait; echo done; wait 999999; echo $?
