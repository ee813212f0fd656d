x=1; (x=2; echo $x); echo $x
(exit 3); echo $?
(cd /; pwd); [ "$PWD" != / ] && echo elsewhere
( (echo nested) )
((echo a); (echo b))
(f() { echo f; }; f); f 2>/dev/null || echo nof
(set -e; false; echo no); echo $?
set -- a b; (set -- c; echo $1); echo $1
(trap 'echo t' EXIT)
(readonly q=1); q=2; echo $q
(umask 077); umask
(echo a; echo b) | wc -l
x=$( (echo 1; exit 2) ); echo $? $x
( : ); echo $?
(exec 3>&1; echo x >&3)
(export Z=1; sh -c 'echo $Z'); echo ${Z-unset}
(alias aa='echo a'); aa 2>/dev/null || echo noalias
(exit); echo $?
false; (exit); echo $?
(false); echo $?
{ exit 5; } | cat; echo $?
(while :; do break; done; echo ok)
