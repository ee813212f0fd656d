set -- a b c
echo $# "$*" "$@"
echo $?
false; echo $?
true; echo $?
case $- in *i*) echo interactive;; *) echo not;; esac
[ "$$" -gt 1 ] && echo pid
(echo $$) | { read x; [ "$x" = "$$" ] && echo same; }
sleep 0 & [ "$!" -gt 0 ] && echo bg
wait
IFS=:; echo "$*"; echo "$@"; echo $*
IFS=; echo "$*"; echo $*; 
unset IFS; echo "$*"
set --
echo "[$*]" "[$@]" $#
for x in "$@"; do echo never; done
for x in "$*"; do echo once "[$x]"; done
set -- "a b" "" c
for x in "$@"; do echo "<$x>"; done
for x in $@; do echo "<$x>"; done
for x in "$*"; do echo "<$x>"; done
for x in pre"$@"post; do echo "<$x>"; done

set -e
case $- in *e*) echo e;; esac
set +e
case $- in *e*) echo e;; *) echo no e;; esac
