d=$(mktemp -d) && cd $d || exit
touch a.c b.c .hidden 'sp ace' '[x]' 'a*b' -dash
mkdir dir dir/sub; touch dir/f1 dir/f2
echo *
echo *.c
echo .*hid*
echo "*" '*' \*
echo d*/*
echo d*/s*/
echo [ab].c [!a].c [a-b].c
echo \[x\] [[]x]
echo a\** 'a*'*
echo nomatch* 
x='*.c'; echo $x "$x"
echo *[[:space:]]*
echo ./*.c $d/a.c | sed "s|$d|D|"
set -f; echo *; set +f
echo ?.c ??.c
for f in *.c; do echo "f:$f"; done
y=*; echo "$y" ; echo $y | wc -w
case a.c in *.c) echo case;; esac
echo */
echo dir/*[0-9]
echo {a,b}.c
echo -*
echo [
echo []
echo [a
cd /; rm -r $d
