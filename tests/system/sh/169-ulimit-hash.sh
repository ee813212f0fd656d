ulimit -n 50; ulimit -n; (ulimit -n 40; ulimit -n); ulimit -n; ulimit -S -n 30; ulimit -Sn; ulimit -Hn
ulimit -c 0; ulimit -c; ulimit -H -c; ulimit -f; ulimit
ulimit -a | grep -c . | sed 's/[0-9][0-9]*/lines/'
sh -c 'ulimit -z' 2>/dev/null; [ $? -gt 0 ] && echo refused
sh -c 'ulimit -n abc' 2>/dev/null; [ $? -gt 0 ] && echo refused
hash sh; hash -r; hash nosuch 2>/dev/null; echo $?
