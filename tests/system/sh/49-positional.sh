set -- 1 2 3 4 5 6 7 8 9 ten eleven
echo $1 $9 ${10} ${11}
shift; echo $1 $#
shift 3; echo $1 $#
set -- -a -b; echo $1 $2
set -- --; echo $# $1
set - x y; echo $1 $2
f() { echo $# $1 $0x; set -- z; echo $1; }
f p q | sed 's/[^ ]*x$/x/'; echo $1
shift 2; echo $#
(shift 1; echo not reached) 2>/dev/null; echo $?
set a b; echo $*
set -- "$@" c; echo $*
for a; do echo $a; done
for a
do echo $a; done
for a in; do echo never; done; echo $?
