f() { :; }; alias ll='ls -l'
type f | sed 's/ .*function.*/ function/'; type cd | sed 's/a special/a/'; type if; type nosuch >/dev/null 2>&1; echo $?
type ll | sed 's/ is .*for / alias /'
type : | sed 's/a special/a/'; type test | sed 's/a special/a/'; type export | sed 's/a special/a/'
type sh >/dev/null; echo $?
type cd nosuch if >/dev/null 2>&1; echo $?
unset -f f; type f >/dev/null 2>&1; echo $?
unalias ll; type ll >/dev/null 2>&1; echo $?
