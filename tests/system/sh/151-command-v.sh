f() { :; }; alias a='echo hi'
command -v f; command -v cd; command -v if; command -v :; command -v sh >/dev/null; echo $?
command -v nosuch; echo $?; command -v a; command -v /bin/sh; command -v ./nosuch; echo $?
command echo hi; command f 2>/dev/null; echo $?
echo() { printf 'function %s\n' "$*"; }; echo x; command echo x; unset -f echo
command -p sh -c 'echo found'
cd() { echo mine; }; cd /; command cd /; pwd; unset -f cd
command; echo $?
command -- echo dashes
x=1 command true; echo ${x-unset}; x=1 command :; echo ${x-unset}
command eval 'y=2'; echo $y
command exec 3>/dev/null; (echo open >&3) && echo yes
command export Z=3; sh -c 'echo $Z'
command . /no/such 2>/dev/null; echo "go on $?" | sed 's/[12].*/fails/'
command set -- q r; echo $#
