unset u; n=; s=set
echo "${u-d}" "${n-d}" "${s-d}"
echo "${u:-d}" "${n:-d}" "${s:-d}"
echo "${u+d}" "${n+d}" "${s+d}"
echo "${u:+d}" "${n:+d}" "${s:+d}"
echo ${u:-a b} "${u:-a   b}" ${u:-"a   b"}
echo ${u:-${s}x} ${u:-$(echo sub)} ${u:-`echo bq`} ${u:-$((1+2))}
echo ${u:=assigned} $u
unset u; echo ${u=one two} "$u"
n=; echo ${n=x}. ${n:=y}. $n
(echo ${bad?msg}; echo no) 2>/dev/null; echo $?
(echo ${bad:?}; echo no) 2>/dev/null; echo $?
n=; (echo ${n?msg}.; echo yes) 2>/dev/null; echo $?
(echo ${n:?msg}; echo no) 2>/dev/null; echo $?
set -- a b
echo ${1:-x} ${3:-x} ${3-y z}
for i in ${nope:-"a b" c}; do echo "<$i>"; done
for i in "${nope:-a b}"; do echo "<$i>"; done
for i in ${nope:-a\ b c}; do echo "<$i>"; done
for i in ${s:+"$@"}; do echo "<$i>"; done
for i in "${s:+$@}"; do echo "<$i>"; done
for i in ${s+"a" b}; do echo "<$i>"; done
echo "${nope:-"quoted"}" "${nope:-'single'}" ${nope:-'single'}
echo "${nope:-\$x}" ${nope:-\$x} "${nope:-a\}b}" ${nope:-a\}b} "${nope:-\a}"
echo ${nope:-} end
for i in "${nope:-}"; do echo "<$i>"; done
for i in ${nope:-}; do echo never; done
for i in ${nope:-""}; do echo "empty <$i>"; done
