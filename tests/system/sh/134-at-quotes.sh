n() { echo "$#:$*"; for a; do printf '<%s>' "$a"; done; echo; }
set -- 'a b' '' c
n "$@"; n "x$@y"; n "$@$@"; n "$@" "$@"; n "${@}"; n "x ${@} y"
n $@; n x$@y; n "$*"; n $*; n "x$*y"; n "$1$@"
n "${@:-none}"; n "${@-none}"; n "${@+some}"; n ${@+"$@"}
set --
n "$@"; n "x$@"; n "$@" ""; n ""$@; n "$*"; n "$@"x; n ''"$@"
n "${@:-none}"; n ${@+"$@"} end; n "${1-$@}"; n "${u:-$@}"; n "${u:-none $@}"
set -- ''
n "$@"; n $@; n "$@$@"; n "${@:-none}"; n "$*"
