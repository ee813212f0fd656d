# a signal with a trap ends wait at once, with 128 and its number
trap 'n=1' USR1
{ while kill -USR1 $$; do sleep 0.1; done; } 2>/dev/null &
wait $!; s=$?
kill $!
[ $s -gt 128 ] && echo "interrupted, $(kill -l $s), $n"
