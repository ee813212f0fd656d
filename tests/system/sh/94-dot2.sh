d=$(mktemp -d); cd $d
echo 'echo in file; x=sourced' > f; . ./f; echo $x
echo 'return 3; echo no' > r; . ./r; echo $?
echo 'echo $1 $#' > a; set -- p q; . ./a
echo 'exit 4' > e; (. ./e; echo no); echo $?
echo 'if' > bad; (. ./bad; echo no) 2>/dev/null; echo $?
(. ./nosuch; echo no) 2>/dev/null; echo $?
PATH=$d:$PATH; . f
echo '. ./f; echo nested' > n; . ./n
: > empty; false; . ./empty; echo $?
echo 'f() { echo func; }' > fn; . ./fn; f
echo 'for i in 1 2; do return 5; done' > l; . ./l; echo $?
g() { . ./r; echo after $?; }; g
echo 'echo no newline' | tr -d '\n' > nn; . ./nn; echo
echo 'alias qq="echo aliased"' > al; . ./al
qq
echo 'false' > fl; . ./fl; echo $?
cat <<'X' > hd
cat <<E
here
E
X
. ./hd
cd /; rm -r $d
