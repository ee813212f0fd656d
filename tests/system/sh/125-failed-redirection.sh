# A redirection that fails leaves variables as they were; what is redirected when the end comes is undone for
# the EXIT trap; redirections may nest deeply.
a=1
a=2 </nonexist
echo "$? $a"
a=3 >/dev/null
echo "$? $a"
k=0
while [ $((k = k + 1)) -lt 4 ]; do b=x >"$nothing"; done
echo "<$b>"
deep() { [ "$1" -gt 150 ] || { deep $(($1 + 1)) >&3; } 3>&1; echo "$1" >>deep.$$; }
cd "${TMPDIR:-/tmp}"
deep 1
wc -l <deep.$$
rm deep.$$
(trap 'echo bye' EXIT; { exit 3; } >/dev/null); echo $?
(trap 'echo bye' EXIT; for i in 1; do shift 9; done >/dev/null); echo $?
(trap 'echo bye' EXIT; f() { set -e; false; }; f >/dev/null); echo $?
{ (trap 'echo bye' EXIT; exit 4); } >/dev/null; echo $?
trap 'echo outer' EXIT
while :; do exit 7; done >/dev/null
