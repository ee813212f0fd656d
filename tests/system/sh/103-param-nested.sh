a=1 b= ; unset c
echo ${c:-${b:-${a}}} ${c:-"${b:-"x y"}"} "${c:-${b:-'q'}}"
echo ${a:+${c:-in}} "${a:+"quoted"}"
echo ${c:-$(echo sub ${a})} ${c:-`echo bq`}
p=/a/b/c.d.e
echo ${p##*/} ${p%/*} ${p#*.} ${p##*.} ${p%.*} ${p%%.*}
q=${p##*/}; echo ${q%%.*}
echo "${p%"${p#/a}"}" "${p#"${p%/*}"}"
echo ${#p} ${#a} "${#c}"
s='a b'; for w in ${s:-x} "${s:-x}" ${c:-$s} "${c:-$s}"; do echo "<$w>"; done
for w in ${c:-a "b c" d}; do echo "<$w>"; done
for w in "${c:-a "b c" d}"; do echo "<$w>"; done
v='${a}'; echo $v "${v}"
t='}'; echo "${t}" ${c:-\}} "${c:-\}}"
echo ${a}b${a} $a$a "$a"'$a'
