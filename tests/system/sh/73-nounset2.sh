t() { sh -c "$1" 2>/dev/null; echo "= $?"; }
t 'set -u; echo $x; echo no'
t 'set -u; echo ${x-d} ${x:-d} ${x+d} ok'
t 'set -u; echo $# $@ $* ok'
t 'set -u; echo "$@" ok'
t 'set -u; echo $1; echo no'
t 'set -u; x=; echo $x ok'
t 'set -u; echo ${#x}; echo no'
t 'set -u; echo ${x#a}; echo no'
t 'set -u; (echo $x; echo no); echo after'
t 'set -u; echo $! ; echo maybe'
t 'set -u; y=$x; echo no'
t 'set -u; f() { echo $1; }; f; echo no'
t 'set -u; for i in $x; do :; done; echo no'
t 'set -u; case $x in a) ;; esac; echo no'
t 'set -u; [ -z "$x" ]; echo no'
t 'set -u; unset x; : ${x:=1}; echo $x'
t 'set -u; cat <<E
$x
E
echo maybe'
t 'set -o nounset; echo $zz; echo no'
