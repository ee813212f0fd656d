p=/usr/lib/libfoo.so.1; echo ${p#*/} ${p##*/} ${p%.*} ${p%%.*} ${p%/*} "${p#"/usr"}" ${p%nomatch}; s='*x*'; echo "${s#\*}" "${s#'*x'}"
