f() { echo "$0" | sed 's|.*/||'; echo $1 $#; }; f x | tail -1
g() { set -- new; echo $1; }; set -- old; g; echo $1
h() { x=$1; }; x=0; h 5; echo $x
k() ( x=inner; echo $x ); x=outer; k; echo $x
l() { echo out; echo err >&2; } 2>&1; l | cat
m() { return $1; }; for i in 0 1 2; do m $i; echo $?; done
n() { if [ $1 = 0 ]; then return 7; fi; n $(($1-1)); }; n 5; echo $?
o() { trap 'echo trapped' USR1; kill -USR1 $$; }; o; trap - USR1
p() { for a in "$@"; do q "$a"; done; }; q() { echo "q:$1"; }; p 1 2
r() { cat; } <<END
from the definition
END
r
s() { echo in; false; }; s && echo no; s || echo or; ! s && echo not
t() { while read a; do echo "t:$a"; done; }; printf '1\n2\n' | t
u() { unset -f u; echo once; }; u; u 2>/dev/null || echo gone
v() { eval "$1"; }; v 'echo evaluated'; v 'return 3'; echo $?
w() { y=$(echo sub; return 4); echo $? $y; }; w
