set -- a 'b c' d; echo $# "$2"; set -- "$@" e; echo $#; set -- ; echo $#
set -- -x y; echo "$@"; set -- --; echo "$@"; set a -b; echo "$@"
set -u; (echo $zzz) 2>/dev/null || echo unset; set +u; echo "[$zzz]"
set -f; echo /et[c]; set +f; echo /et[c]
set -C; d=$(mktemp); (echo x > $d) 2>/dev/null || echo kept; echo y >| $d; cat $d; set +C; rm $d
set -a; v1=exported; set +a; v2=not; sh -c 'echo "$v1 [$v2]"'
set -o nounset; case $- in *u*) echo u;; esac; set +o nounset; case $- in *u*) echo no;; *) echo off;; esac
o=$(set +o); set -f -u; eval "$o"; case $- in *f*|*u*) echo no;; *) echo restored;; esac
f() { set -- inner; echo $1; }; set -- outer; f; echo $1
set -e; if false; then :; fi; false || :; ! true; echo survived; set +e
