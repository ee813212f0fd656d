exec 2>&1
set -x
echo a b
x=1
x=2 y=3 true
echo "a b" 'c'
for i in 1 2; do :; done
f() { echo in; }
f arg
[ a = a ] && echo yes
if true; then echo t; fi
case a in a) echo c;; esac
(echo subshell)
set +x; PS4='> '; set -x
echo ps4
: $((1+1))
echo > /dev/null
set +x
echo off
PS4='$x+ '; set -x; echo q; set +x
