cd "$(mktemp -d)" || exit
exec 3>out; echo three >&3; echo again >&3; exec 3>&-; cat out
(echo closed >&3) 2>/dev/null; echo $?
exec 4<out; read a <&4; read b <&4; echo "$b $a"; read c <&4; echo $?; exec 4<&-
exec 5>&1 >file; echo to file; exec >&5 5>&-; echo back; cat file
exec 6<>rw; echo written >&6; exec 6>&-; cat rw
exec 7<<E
here $((1 + 1))
E
cat <&7
(exec 8>sub; echo in the subshell >&8); cat sub; (echo x >&8) 2>/dev/null || echo not open here
{ echo a; echo b >&2; } 2>err >&1; cat err
{ echo to nine >&9; } 9>nine; cat nine
f() { echo f >&3; }; f 3>&1; f 3>ff; cat ff
exec 3<out; while read l <&3; do echo "[$l]"; done; exec 3<&-
sh -c 'exec >/no/such/file; echo no' 2>/dev/null; echo $?
sh -c '{ :; } >/no/such/file; echo go on' 2>/dev/null
sh -c ': >/no/such/file; echo no' 2>/dev/null; echo $?
sh -c 'command : >/no/such/file; echo go on' 2>/dev/null
rm -r "$PWD"
