(exec echo replaced; echo no)
(exec nosuch 2>/dev/null; echo no); echo $?
(exec /etc/passwd 2>/dev/null; echo no); echo $?
exec 3>&1; echo via3 >&3
exec 4>&3 3>&-; echo via4 >&4; exec 4>&-
(exec > /dev/null; echo hidden); echo shown
d=$(mktemp -d); exec 3> $d/f; echo a >&3; echo b >&3; exec 3>&-; cat $d/f
exec 3< $d/f; while read x <&3; do echo "r$x"; done; exec 3<&-
(exec 2>/dev/null; nosuchcmd; echo q >&2); echo $?
(exec sh -c 'exit 9'); echo $?
(X=1 exec sh -c 'echo $X')
exec; echo still
(exec < /nosuch; echo no) 2>/dev/null; echo $?
(trap 'echo bye' EXIT; exec true)
rm -r $d
exec echo last
