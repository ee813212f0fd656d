kill -l 9; kill -l 15; kill -l 137
kill -l | head -3
sleep 5 & kill $!; wait $!; echo $?
sleep 5 & kill -9 $!; wait $! 2>/dev/null; echo $?
sleep 5 & kill -s KILL $!; wait $! 2>/dev/null; echo $?
sleep 5 & kill -KILL $!; wait $! 2>/dev/null; echo $?
kill -0 $$; echo $?
kill 999999 2>/dev/null; echo $?
kill -0 999999 2>/dev/null; echo $?
(kill) 2>/dev/null; echo $?
(kill -NOSUCH $$) 2>/dev/null; echo $?
trap 'echo t' TERM; kill $$; kill -TERM $$; kill -15 $$; kill -s TERM $$; kill -- $$
