unset u; e=; v=val; echo "${u:-d}" "${u-d}" "${e:-d}" "[${e-d}]" "${v:+alt}" "[${u:+alt}]" "[${e+alt}]" ${u:=set} $u "${#v}" ${u2:-a b} "${u3:-a  b}"
