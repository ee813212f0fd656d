x=1
f() { local x; echo "[$x]"; x=2; echo $x; }; f; echo $x
g() { local x=5 y=6; echo $x $y; }; g; echo $x ${y-unset}
h() { local x=$1; [ $x -gt 0 ] && h $((x-1)); echo $x; }; h 2
k() { local x; unset x; echo "[${x-unset}]"; }; k; echo $x
export E=1; m() { local E=2; sh -c 'echo $E'; }; m; sh -c 'echo $E'
n() { local IFS=:; set -- a:b:c; echo $*; y=a:b; echo $y; }; n; y=a:b; echo $y
o() { local a=1; p; echo $a; }; p() { a=2; }; o; echo ${a-unset}
q() { local z; z=5; echo ${z}; }; q; echo ${z-unset}
r() { local x="a b" ; echo "$x"; }; r
s() { local -; set -f; echo *; }; s | head -c 1; echo
case $- in *f*) echo leaked;; *) echo restored;; esac
(local x 2>/dev/null; echo no) 2>/dev/null; echo $?
