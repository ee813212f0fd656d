cd "$(mktemp -d)" || exit
echo 'echo "in $# $1"; x=dot; return 3; echo no' >lib
. ./lib; echo $? $x; f() { . ./lib; echo "after $?"; }; f a b
echo 'set -- changed' >s; set -- orig; . ./s; echo $1
echo 'break' >b; for i in 1 2; do . ./b; echo no; done; echo $i
echo 'exit 4' >e; (. ./e; echo no); echo $?
: >empty; false; . ./empty; echo $?; echo '# c' >c; false; . ./c; echo $?
echo 'if' >bad; sh -c '. ./bad; echo no' 2>/dev/null; echo $?
sh -c '. ./nosuch; echo no' 2>/dev/null; [ $? -gt 0 ] && echo fatal
mkdir bin; echo 'echo by path' >bin/plib; PATH=$PWD/bin:$PATH; . plib
echo 'f2() { echo from the file; }' >fn; . ./fn; f2
printf 'echo no newline' >nn; . ./nn
echo 'cat <<E
here $1
E' >h; set -- arg; . ./h
echo '. ./lib' >nest; . ./nest; echo $?; . ./lib | cat; . ./lib >out; cat out
. /dev/stdin <<E
echo stdin
E
rm -r "$PWD"
