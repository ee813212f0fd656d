# 2.9.1: redirections, expansions and assignments of one command
x=1; x=2 y=$x; echo $x $y
x=old; x=new eval 'echo $x'
echo $(echo first >&2) 2>/dev/null second
> /tmp/o.$$ echo front; cat /tmp/o.$$; echo back > /tmp/o.$$; cat /tmp/o.$$
echo a 2>/dev/null b > /tmp/o.$$ c; cat /tmp/o.$$; rm /tmp/o.$$
v=$(exit 3); echo $?; v=1; echo $?
e=echo; $e via variable; a='two words'; printf '<%s>' $a; echo
$nothing echo skipped empty; $nothing; echo $?
"" 2>/dev/null; echo $?
c='echo hi; echo no'; $c
x=5 y=6; echo $((x+y)); z=$x$y; echo $z
