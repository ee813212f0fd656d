d=$(mktemp -d); cd $d
printf 'echo "$0" $1 $#\n' > s; sh s a b; sh ./s x
chmod +x s; ./s q r
sh < s; sh -s < s
printf 'echo a; exit\necho b\n' | sh
printf 'echo one\n\n\n# c\necho two' | sh
printf 'if true\nthen echo multi\nfi\n' | sh
printf 'cat <<E\nhere\nE\necho end\n' | sh
printf 'f() {\necho f\n}\nf\n' | sh
printf 'echo a\\\nb\n' | sh
printf 'echo "x\ny"\n' | sh
sh -u -c 'echo $nope' 2>/dev/null; echo $?
sh -f -c 'echo *'
sh -a -c 'V=1; sh -c "echo \$V"'
sh -n -c 'echo never'
sh -x -c 'echo t' 2>&1
sh -v -c 'echo t' 2>/dev/null
sh -C -c 'echo a > f1; echo b > f1' 2>/dev/null; echo $?
mkdir bin; printf 'echo frompath\n' > bin/pp; chmod +x bin/pp; PATH=$PWD/bin:$PATH pp
PATH=bin:$PATH; pp
cd /; rm -r $d
