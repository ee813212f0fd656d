hash -r; echo $?
hash ls 2>/dev/null; echo $?
hash nosuch 2>/dev/null; echo $?
hash -r
d=$(mktemp -d); PATH=$d:$PATH
printf 'echo one\n' > $d/mycmd; chmod +x $d/mycmd; mycmd
mkdir $d/sub; printf 'echo two\n' > $d/sub/mycmd; chmod +x $d/sub/mycmd
PATH=$d/sub:$PATH; mycmd
rm $d/sub/mycmd; hash -r; mycmd
rm -r $d; mycmd 2>/dev/null; echo $?
