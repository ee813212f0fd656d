kill -l 1; kill -l 9; kill -l 15; kill -l 137; kill -l 143
kill -0 $$; echo $?
kill -s 0 $$; echo $?
sh -c 'kill -s TERM $$'; echo $?
sh -c 'kill -TERM $$'; echo $?
sh -c 'kill -15 $$'; echo $?
sh -c 'kill -s KILL $$' 2>/dev/null; echo $?
sh -c 'kill $$; echo no'; echo $?
kill -s NOSUCH $$ 2>/dev/null; [ $? -gt 0 ] && echo refused
kill 2>/dev/null; [ $? -gt 0 ] && echo refused
kill -9 2>/dev/null; [ $? -gt 0 ] && echo refused
sh -c 'trap "echo got" HUP; kill -HUP $$; kill -1 $$; kill -s HUP $$'
sleep 100 & kill $!; wait $! 2>/dev/null; echo $?
sleep 100 & kill -9 $!; wait $! 2>/dev/null; echo $?
