sh -c 'exit'; echo $?
sh -c 'false; exit'; echo $?
sh -c 'exit 300'; echo $?
sh -c 'exit 256'; echo $?
sh -c 'exit abc' 2>/dev/null; echo $?
sh -c '(exit 3)'; echo $?
sh -c 'f() { exit 4; }; f; echo no'; echo $?
sh -c 'for i in 1; do exit 5; done; echo no'; echo $?
sh -c 'exit 6 | cat; echo $?'
sh -c 'x=$(exit 7); exit'; echo $?
sh -c 'eval "exit 8"'; echo $?
sh -c 'nosuchcmd' 2>/dev/null; echo $?
sh -c '/etc/passwd' 2>/dev/null; echo $?
sh -c '/nosuch/x' 2>/dev/null; echo $?
sh -c '/' 2>/dev/null; echo $?
sh -c ''; echo $?
sh -c 'false
# comment
'; echo $?
echo 'exit 9' | sh; echo $?
echo 'false' | sh; echo $?
sh -c 'return 3' 2>/dev/null; echo $?
sh -c 'if' 2>/dev/null; echo $?
sh -c 'echo $0 $1 $2' name a b
sh -c 'echo $0 $#' | sed 's|.*/||'
sh -s a b <<E
echo \$# \$1 \$2
E
sh -ec 'false; echo no'; echo $?
sh -o errexit -c 'false; echo no'; echo $?
sh -c -e 'false; echo no'; echo $?
sh +e -c 'false; echo yes'
