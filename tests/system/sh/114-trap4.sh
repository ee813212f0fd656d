trap 'echo one' USR1; trap 'echo two' USR2
kill -USR1 $$; kill -USR2 $$; kill -USR1 $$
trap; trap - USR1; trap
(trap 'echo subshell' EXIT; :)
(trap - USR2; kill -0 $$ && echo alive)
f() { trap 'echo exit of f' EXIT; echo in f; }; (f; echo after f)
trap 'echo int; trap - INT' INT; kill -INT $$; echo on
trap 'false' USR1; true; kill -USR1 $$; echo $?
trap 'x=$?; echo "status $x"' USR1; (exit 9); kill -USR1 $$
trap '' USR1; kill -USR1 $$; sh -c 'kill -USR1 $$; echo ignored in the child'
trap USR1 2>/dev/null; trap - USR1 USR2
trap 'echo a
echo b' USR1; kill -USR1 $$; trap
trap 'exit 3' EXIT
exit 5
