set -- a b c; echo $# $1 $3; set --; echo $#; set -- -a; echo $1; set - x y; echo $#; set a; echo $1
set -- ''; echo $#; set -- "$@" more; echo $#; shift; echo $1; shift; echo $#
sh -c 'shift; echo no' 2>/dev/null; echo $?
set -- 1 2 3; shift 2; echo $1; shift 0; echo $1; sh -c 'set -- 1; shift 2; echo no' 2>/dev/null; echo $?
set -- $(seq 12); echo $10 ${10} ${12} $1$2 "${11}"
for a do printf %s "$a "; done; echo
for a
do printf %s "$a,"; done; echo
for a in; do echo no; done
set -- x; for a in "$@" y; do set -- changed; printf %s "$a "; done; echo $1
set -f; echo *; set +f; sh -uc 'echo $nope; echo no' 2>/dev/null; echo $?
set -o noglob; echo [a-z]*; set +o noglob
case $- in *f*) echo f;; *) echo no f;; esac; set -f; case $- in *f*) echo f;; esac; set +f
set -eu; set +eu; echo on
sh -c "set -o nosuch; echo no" 2>/dev/null || echo refused
