d=$(mktemp -d); cd $d
exec 3>three 4>four; echo a >&3; echo b >&4; echo c >&3; exec 3>&- 4>&-; cat three four
exec 5<three; read a <&5; read b <&5; echo $a $b; exec 5<&-
{ echo x >&3; } 3>f3; cat f3
{ { echo out; echo err >&2; } 3>&1 1>&2 2>&3; } 2>e 1>o; cat o; echo --; cat e
echo via9 9>&1 >&9 | cat
exec 6>&1; exec >captured; echo hidden; exec >&6 6>&-; echo shown; cat captured
while read x <&7; do echo "7:$x"; done 7<three
n=3; (eval "exec $n>dyn"; echo d >&3); cat dyn
f=one; cat <<END >$f; cat one
to a file
END
(exec 3<&0; cat <&3) <three
echo 1 2>&1 | cat; (echo 2 >&2) 2>&1 | cat
sh -c 'echo inherited >&8' 8>&1
echo closed >&3 2>/dev/null || echo bad fd
cd /; rm -r $d
