ulimit -n >/dev/null; echo $?
(ulimit -n 64; ulimit -n)
(ulimit -S -n 50; ulimit -S -n; ulimit -n)
(ulimit -c 0; ulimit -c)
(ulimit -H -n 100; ulimit -H -n)
(ulimit -f 1000; ulimit -f)
(ulimit -n bad) 2>/dev/null; echo $?
(ulimit -t 1000; ulimit -t; ulimit -Ht)
(ulimit -n 10; sh -c 'ulimit -n')
ulimit -a | head -1 | cut -c1-4
(ulimit -s 4096; ulimit -s)
(ulimit -v 1000000; ulimit -v)
