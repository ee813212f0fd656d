sh -c 'trap "echo bye; exit 5" TERM; kill -TERM $$; echo no'; echo $?
sh -c 'trap "echo bye" EXIT; exit 3'; echo $?
sh -c 'trap "exit 7" EXIT; exit 3'; echo $?
sh -c 'trap "echo \$?" EXIT; false'; echo $?
sh -c 'trap "echo a" EXIT; trap - EXIT; echo b'
sh -c 'kill -TERM $$'; echo $?
sh -c 'kill -KILL $$'; echo $?
sh -c 'trap "" INT; (kill -INT $(sh -c "echo \$PPID")) ; echo ok'
sh -c 'trap "echo T" TERM; (echo sub; kill -TERM $$; sleep 0.1); echo end'
sh -c 'trap "echo T; exit" TERM; sleep 5 & kill -TERM $$; wait; echo no'
sh -c 'trap "echo x" EXIT; exec true'; echo $?
sh -c 'trap "echo x" EXIT; (exit 2); exit'; echo $?
sh -c 'trap "echo e" EXIT; f() { return 3; }; f'; echo $?
sh -c 'trap "" TERM; sh -c "kill -TERM \$\$; echo inherited"'
sh -c 'set -e; trap "echo onexit" EXIT; false; echo no'; echo $?
sh -c 'trap "echo onexit" EXIT; echo ${x?}; echo no' 2>/dev/null; echo $?
sh -c 'trap nosuchcmd NOSUCH' 2>/dev/null; echo $?
sh -c 'trap -- "echo dd" EXIT'
sh -c 'x=$(trap "echo in" EXIT; echo body); echo "$x"'
