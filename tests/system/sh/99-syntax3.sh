t() { sh -c "$1" >/dev/null 2>&1; echo "$? $1"; }
t 'if true; then'; t 'for'; t 'for i in'; t 'while true'; t 'case a'; t 'case a in a) echo'
t '('; t ')'; t '{'; t '}'; t 'echo )'; t 'echo ('; t '| cat'; t 'echo |'; t '&& true'; t 'true &&'
t '; echo'; t ';;'; t 'f() '; t 'f( ) { :; }'; t '1f() { :; }'; t 'echo "'; t "echo '"; t 'echo `'; t 'echo $('; t 'echo ${'
t 'echo > '; t 'echo <'; t 'cat << '; t 'if; then :; fi'; t 'if true; then fi'; t 'while true; do done'; t 'for 1 in a; do :; done'
t '{ }'; t '()'; t '{ echo; } echo'; t '(echo) echo'; t 'then'; t 'do'; t 'done'; t 'fi'; t 'esac'; t 'elif'
t '!'; t '! ! true'; t 'echo & & echo'; t '&'; t 'a;;b'; t 'function f { :; }'; t 'for i in a b do echo; done'
t 'case a in a) ;; b) esac'; t 'case a in (a) ;; esac'; t 'echo ${x'; t 'echo $((1'; t 'echo ${}'; t 'echo ${x!}'; t 'echo ${x y}'
