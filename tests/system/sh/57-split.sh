x='a b  c'; set -- $x; echo $#
x=' a b '; set -- $x; echo $# "$1"
IFS=:; x='a:b::c'; set -- $x; echo $# "$3"
x=':a:'; set -- $x; echo $# "[$1]" "[$2]"
x='a:'; set -- $x; echo $#
x='::'; set -- $x; echo $#
IFS=' :'; x='a : b'; set -- $x; echo $#
x='a :: b'; set -- $x; echo $# "[$2]"
x=' : a'; set -- $x; echo $# "[$1]"
IFS=; x='a b'; set -- $x; echo $# "$1"
unset IFS; x='a	b
c'; set -- $x; echo $#
IFS=x; y='axbxc'; set -- $y; echo $# ; set -- axbxc; echo $#
set -- "$y"; echo $#
set -- $y"axb"; echo $# "$3"
IFS=' '; x=' a '; set -- b$x; echo $# ; set -- b${x}c; echo $#
x='  '; set -- $x; echo $#; set -- "$x"; echo $#; set -- $x""; echo $#
IFS=,; set -- $(echo a,b,c); echo $#
echo $x | cat
IFS='\'; x='a\b'; set -- $x; echo $#
IFS='*'; x='a*b'; set -- $x; echo $# $1
IFS='
'; x='a b
c'; set -- $x; echo $# "$1"
IFS=0; set -- $((101)); echo $# "$1" "$2"
IFS=:; set -- a b; x=$*; echo "$x"; x="$*"; echo "$x"
IFS=' '; read a b c <<X
 1  2  3 4 
X
echo "[$a][$b][$c]"
