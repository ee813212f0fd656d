t() { [ "$@" ]; echo "$? <- $*"; }
t; t ''; t a; t -n; t -n ''; t -n a; t -z ''; t -z a; t ! ''; t ! a; t -f; t =; t a = a; t a = b; t a != b; t -a; t -o
t 1 -eq 1; t 1 -ne 1; t 2 -gt 1; t 2 -lt 1; t 1 -ge 1; t 1 -le 0; t -1 -lt 0; t 01 -eq 1; t ' 1' -eq 1
t a -a b; t a -a ''; t '' -o b; t '' -o ''; t ! a -a b; t ! '' -a b; t '(' a ')'; t '(' '' ')'; t ! '(' a ')'; t '(' = '('; t ')' = ')'; t '!' = '!'
t -e /; t -d /; t -f /; t -e /nosuch; t -r /; t -x /; t -s /nosuch; t -h /nosuch; t -p /; t -b /; t -c /dev/null; t -t 99
t a '<' b; t b '<' a; t a '>' b
t x = x -a y = y; t x = x -o y = z; t x = y -o y = y -a z = z; t -n a -a -n b; t -z '' -a ! -z a
test a = a; echo $?; test; echo $?
t a b 2>/dev/null; t 1 -eq a 2>/dev/null; t a b c 2>/dev/null
