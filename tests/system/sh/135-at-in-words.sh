n() { for a; do printf '<%s>' "$a"; done; echo; }
set -- 'a b' c
x="$@"; n "$x"; x=$@; n "$x"; x=$*; n "$x"
IFS=:; x="$*"; n "$x"; x=$*; n "$x"; n $*; n $@
IFS=; n $*; n "$*"; n $@; x="$*"; n "$x"
unset IFS; n "$*"
case "$@" in 'a b c') echo case;; esac
case $* in 'a b c') echo case;; esac
for i in "$@" $@; do n "$i"; done
n "${x:-$@}"; unset x; n "${x:-$@}"; n ${x:-"$@"}; n "${x:-"$@"}"
n ${x-$@}; n ${x-"$*"}
f() { n "$@"; }; f "$@"
n "${#}" "$#"
