unset x y z
: ${x:=1} ${y=2}; echo $x $y
: ${z:=a b}; echo "$z"; set -- $z; echo $#
: "${w:=c   d}"; echo "$w"
(: ${1:=no}) 2>/dev/null; echo $?
n=; : ${n=kept}; echo "[$n]"; : ${n:=set}; echo $n
for i in ${v:=one two}; do echo $i; done; echo "$v"
echo "${u:=$(echo cmd)}" $u
k=${l:=5}; echo $k $l
echo $((m)) ${m=3} $((m+1))
