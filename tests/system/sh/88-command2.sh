command echo hi
echo() { printf 'func\n'; }; echo; command echo real; unset -f echo
command -v cd; command -v sh | grep -c /; command -v nosuch; echo $?
command -v if; f() { :; }; command -v f; alias al='x y'; command -v al; unalias al
command -V cd; command -V f; command -V if; command -V :; command -V nosuch 2>/dev/null; echo $?
command -v ./nosuch; echo $?; command -v /bin/sh
command; echo $?
command -p echo path
command -p ls / >/dev/null; echo $?
command nosuch 2>/dev/null; echo $?
command exit 3 | cat; echo $?
command eval 'echo evaluated'
x=1 command eval 'echo $x'; echo ${x-unset}
command . /nosuch 2>/dev/null; echo survived $?
command : > /nosuch/x 2>/dev/null; echo survived $?
command readonly r=1; command export r2=2; echo $r $r2
command set -- a b; echo $#
command -v echo printf 2>/dev/null | head -1
command -- echo dd
(command shift 99) 2>/dev/null; echo $?
command test a = a; echo $?
command exec 3>&1; echo to3 >&3; exec 3>&-
