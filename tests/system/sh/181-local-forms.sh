f() { local a b=2 c; a=1; c=3; g; echo "f $a$b$c"; }
g() { local b; b=9; echo "g $a$b$c"; a=8; }
a=x b=y c=z; f; echo $a$b$c
h() { local IFS=:; set -- $1; echo "$2"; }; h a:b:c; set -- d e; echo "$*"
k() { local x="$@"; echo "$x"; }; k 'p q' r
l() { local x=$(echo out; false); echo "$? $x"; }; l
m() { local OPTIND; local z; z=1; (local z=2; echo $z) 2>/dev/null; echo $z; }; m
r() { local n=$1; [ $n = 0 ] && return; r $((n - 1)); printf %s "$n "; }; r 4; echo
e() { local v=inner; export v; sh -c 'echo $v'; }; v=outer; e; echo $v
u() { local v; v=1; unset v; echo ${v-gone}; }; v=kept; u; echo $v
