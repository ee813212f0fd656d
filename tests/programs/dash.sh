#!/bin/dash
# Packages: dash
# Every construct of the shell, signals and job control in a script.
f() { local x=$1; [ "$x" -le 1 ] && echo 1 && return; echo $((x * $(f $((x - 1))))); }
f 7
for i in a b c; do case $i in b) continue ;; *) echo $i ;; esac; done
i=0; while [ $i -lt 500 ]; do i=$((i + 1)); done; echo $i
cat <<END | tr a-z A-Z
here $i $(echo sub) `echo ticks`
END
cat <<'END'
not $i
END
(exit 3); echo $?
false || echo or; true && echo and; ! true; echo $?
x=abcabc; echo ${x#a} ${x##*b} ${x%c} ${x%%b*} ${#x} ${y:-none} ${y:=set} ${y:+yes}
set -- 'one two' three; for a in "$@"; do echo "<$a>"; done; shift; echo $# $*
trap 'echo usr1' USR1; kill -USR1 $$; trap - USR1
(trap 'echo bye' EXIT; echo in)
echo a b | while read p q; do echo $q $p; done
sleep 0.05 & wait $!; echo waited $?
sleep 10 & kill $!; { wait $!; } 2>/dev/null; echo killed $? # it says "Terminated" or not, as it learns of it
sh -c 'kill -KILL $$'; echo $?
exec 3>out; echo three >&3; exec 3>&-; cat out; echo four >>out; wc -l <out
ls nosuch 2>&1 >/dev/null | wc -l
echo [a-z]ut /t/das?.sh; echo 'no*match'
eval 'z=1; echo $z'; unset x; echo "${x-unset}"
printf '%s-%d-%x\n' a 10 255; echo 'a\tb\0101'
command -v cat; type cd; cd /usr/bin && pwd; cd - >/dev/null; umask; umask 077; umask; ulimit -n 64; ulimit -n
set -e; (set +e; false; echo not left); (false; echo never) || echo left; set +e
test -f out -a -s out && echo file; test -d . && [ ! -e none ] && echo dir; [ out -nt /t/dash.sh ] && echo newer
set -m; sleep 10 & kill -STOP %1; until jobs >j; grep -q Stopped j; do sleep 0.05; done; sed 's/ *$//' j; rm j; kill -CONT %1; kill %1; wait %1 2>/dev/null; sleep 0.1; jobs >/dev/null
seq 1 20 | (while read n; do s=$((s + n)); done; echo $s)
getopts ab: o -b val; echo $o $OPTARG
{ echo one; echo two >&2; } 2>&1 | sort; (echo sub; exit 5); echo $?
readonly r=1; (r=2) 2>/dev/null; echo $?; alias ll='echo aliased'
eval ll; times >/dev/null && echo times; read line <<E
a line
E
echo $line; exec cat /proc/self/comm
