n() { for a; do printf '<%s>' "$a"; done; echo; }
n ${x:-a b} ${x:-"a b"} "${x:-a b}" "${x:-"a b"}" ${x:-'a b'} "${x:-'a b'}"
n ${x:-a\ b} "${x:-a\ b}" ${x:-\}} "${x:-\}}" ${x:-'}'} ${x:-"}"}
n "${x:-\"}" "${x:-\$}" "${x:-\`}" "${x:-\\}" "${x:-\a}"
n ${x:-$(echo a b)} "${x:-$(echo a b)}" ${x:-`echo "c d"`}
n ${x:-} "${x:-}" ${x:-""} a${x:-}b
n ${x:-${y:-z}} ${x:-"${y:-z z}"} "${x:-${y:-"z z"}}"
n ${x:=a b}; n "$x"; unset x; n "${x:='a b'}"; n "$x"; unset x
n ${x+yes} "${x+yes}"; x=; n ${x+yes} "${x+yes}" ${x:+yes} "${x:+yes}"; x=1; n ${x+'a b'} ${x:+"a b"} ${x:+a b}
n ${x:+~} "${x:+~}" ${x:+a*[}; unset x; HOME=/h; n ${x:-~} "${x:-~}" ${x:-~/a} ${x:-'~'} ${x:-a:~}
n "${x:-a
b}" ${x:-a
b}
