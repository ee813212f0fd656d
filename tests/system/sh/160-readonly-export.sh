readonly a=1; (a=2) 2>/dev/null; echo $? $a; (unset a) 2>/dev/null; echo $?
export b=2; sh -c 'echo $b'; b=3; sh -c 'echo $b'; unset b; sh -c 'echo ${b-gone}'
export c; sh -c 'echo ${c-gone}'; c=4; sh -c 'echo $c'
export d='a b' e=~; sh -c 'echo "$d"'; [ "$e" = "$HOME" ] && echo tilde
export -p | grep '^export [cd]='
readonly -p | grep '^readonly a='
readonly f='x y'; echo "$f"; export "g=h i"; echo "$g"
x='p q'; export h="$x"; echo "$h"
sh -c 'readonly r=1; r=2; echo no' 2>/dev/null; echo $?
sh -c 'readonly r=1; r=2 true; echo no' 2>/dev/null; echo $?
sh -c 'readonly r=1; export r=2; echo no' 2>/dev/null; echo $?
sh -c 'readonly r=1; for r in 2; do echo no; done; echo no' 2>/dev/null; echo $?
export >/dev/null; echo $?
sh -c 'export 1a=2; echo no' 2>/dev/null; echo $?
