t() { test "$@" 2>/dev/null; echo "$* = $?"; }
t; t a; t ''; t -n a; t -n ''; t -z ''; t -z a; t ! a; t ! ''
t a = a; t a = b; t a != b; t a != a; t 1 -eq 1; t 1 -eq 2; t 1 -ne 2; t 1 -lt 2; t 2 -le 2; t 3 -gt 2; t 3 -ge 4
t -d /; t -f /etc/passwd; t -e /nosuch; t -r /; t -s /etc/passwd; t -c /dev/null; t -b /dev/null; t -x /bin/sh; t -L /etc/passwd; t -h /; t -p /dev/null; t -S /; t -w /dev/null
t ! a = a; t ! -n ''; t '(' a ')'; t '(' '' ')'; t '(' a = b ')'
t a -a b; t a -a ''; t '' -o b; t '' -o ''; t a -o '' -a ''
t -n; t -z; t !; t '('; t = ; t -n = -n; t ! = !; t -f = -f; t '(' = '('
t 1 -eq x; t x -eq 1; t 1 -foo 2; t a b; t a b c
t ' 5 ' -eq 5; t 05 -eq 5; t -5 -lt 0; t +5 -eq 5
t ! ! a; t ! a -a b; t a = a -a b = b; t a = b -o c = c
t -t 99; t abc '<' abd; t b '>' a
[ a = a ]; echo $?; [ a = b ]; echo $?; [ -n "" ]; echo $?; [ ]; echo $?
[ a = a 2>/dev/null; echo $?
[ "$x" = "" ] && echo empty
touch -d '2020-01-01' /tmp/t1.$$; touch /tmp/t2.$$
[ /tmp/t2.$$ -nt /tmp/t1.$$ ]; echo $?; [ /tmp/t1.$$ -ef /tmp/t1.$$ ]; echo $?
rm /tmp/t1.$$ /tmp/t2.$$
t -u /etc/passwd; t -g /etc/passwd; t -k /tmp
