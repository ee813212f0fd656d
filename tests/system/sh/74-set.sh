set -- a; set -e -u; case $- in *e*u*|*u*e*) echo eu;; esac; echo $1
set +eu; case $- in *e*|*u*) echo no;; *) echo off;; esac
set -eu -- x y; echo $*; set +e +u
set -o noglob; echo *; set +o noglob
set -x 2>/dev/null; { set +x; } 2>/dev/null; echo x off
set -a; AUTO=1; sh -c 'echo $AUTO'; set +a; AUTO2=1; sh -c 'echo ${AUTO2-no}'
(set -n; echo never)
set -v 2>/dev/null; { set +v; } 2>/dev/null
set -o errexit; set +o errexit; echo ok
(set -o nosuch) 2>/dev/null; echo $?
(set -Z) 2>/dev/null; echo $?
set -o | grep -E 'errexit|nounset|noglob|xtrace|noclobber|allexport|noexec|verbose'
set -f -C; set -o | grep -E 'noglob|noclobber'
set +f +C
set +o | grep -E 'errexit|noglob'
eval "$(set +o)"; echo restored
zz=1; set | grep '^zz='
zz="a b'c"; set | grep '^zz='
set -b 2>/dev/null && set +b && echo b
