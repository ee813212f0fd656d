t() { sh -uc "$1" 2>/dev/null; echo "= $?"; }
t 'echo $x; echo no'; t 'echo ${x-d}'; t 'echo ${x:-d}'; t 'echo ${x+s}'; t 'echo "${x}"'; t 'echo $@ $* "$@"; echo ok'; t 'echo $#'; t 'echo $1'
t 'echo $!'; t 'x=; echo "[$x]"'; t 'echo ${#x}'; t 'echo ${x%a}'; t 'echo $((${x-5} + 1))'; t 'unset x; x=${x-}; echo ok'
t 'f() { echo $1; }; f'; t '(echo $x); echo after'; t 'y=$(echo $x); echo after'; t 'if [ "$x" ]; then :; fi; echo no'; t 'for i in $x; do :; done; echo no'
t 'case $x in *) echo no;; esac'; t 'cat <<E
$x
E
echo after'; t 'echo ${x=5} $x'; t 'set +u; echo [$x]'; t 'echo $- | grep -c u'; t 'eval "echo \$x"; echo no'; t 'trap "echo trap" EXIT; echo $x'
