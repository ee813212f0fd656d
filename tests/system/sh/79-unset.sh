x=1; unset x; echo ${x-unset}
unset x; echo $?
unset nothere another; echo $?
f() { echo f; }; unset -f f; f 2>/dev/null || echo nof
x=1; f() { echo f; }; unset x; f; echo ${x-unset}
x=1; unset -v x; echo ${x-unset}
unset -f nofunc; echo $?
(unset 1x) 2>/dev/null; echo $?
export y=1; unset y; y=2; sh -c 'echo ${y-unset}'
unset IFS; z='a b'; set -- $z; echo $#
unset HOME PATH; PATH=/usr/bin:/bin; echo ok
f() { echo func; }; unset f; f 2>/dev/null || echo none
