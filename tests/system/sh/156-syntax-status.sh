t() { sh -c "$1" 2>/dev/null; echo "$? <- $1"; }
t 'if'; t 'if true; then'; t 'fi'; t 'do'; t 'done'; t 'esac'; t 'then :'; t '}'; t ')'; t '{ :'; t '( :'; t '('; t ';'; t '&'; t '|'; t '&&'
t ';;'; t 'true;;'; t 'true &&'; t '| true'; t 'true ||| true'; t 'true && && true'; t 'true & & true'; t 'true ; ; true'
t 'for'; t 'for 1 in a; do :; done'; t 'for i in a; do done'; t 'for i; do :; done'; t 'for i in; do :; done; echo ok'
t 'while; do :; done'; t 'case'; t 'case a'; t 'case a in'; t 'case a in a) echo x'; t 'case a in a;; esac'
t 'f('; t 'f()'; t '1f() { :; }'; t 'if() { :; }'; t 'f() { }'; t '()'; t '{ }'; t '( )'
t 'echo "a'; t "echo 'a"; t 'echo $(a'; t 'echo ${a'; t 'echo $((1'; t 'echo ${}'; t 'echo ${a b}'
t 'echo >'; t 'echo > >f'; t '> ;'; t '! ! true'; t 'true !'; t '! true'; t 'if true; then else echo; fi'; t 'if true; else echo; fi'; t 'if true; then :; elif; fi'
