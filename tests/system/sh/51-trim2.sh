x=/usr/local/lib/file.tar.gz
echo ${x##*/} ${x%/*} ${x%%.*} ${x%.*} ${x#*/}
echo "${x##*/}" "${x%"${x##*/}"}"
y='a*b*c'
echo "${y#a*}" "${y#a\*}" "${y#"a*"}" "${y##*\*}"
p='*'; echo "${y#$p}" "${y##$p}" "${y##"$p"}"
echo "${y%%'*'*}"
z='}x'; echo "${z#\}}" ${z#'}'}
e=; echo "[${e#a}]" "[${e%%*}]"
s='  lead'; echo "[${s#"${s%%[! ]*}"}]"
q='[abc]'; echo "${q#[}" "${q#\[}" "${q%]}" "${q#[[]}"
n=aaa; echo ${n#a} ${n##a} ${n##*a} ${n%a} ${n%%a*}
d=2024-01-02; echo ${d%%-*} ${d#*-} ${d##*-}
set -- abc abd; echo ${1#a} ${2%d}
u='a/b/c/'; echo ${u%/} ${u%%/} ${u%/*/}
echo "${x#${x%/*}/}"
b='\a'; echo "${b#\\}"
