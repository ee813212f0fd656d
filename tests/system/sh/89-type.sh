type cd; type if; f() { :; }; type f; type : ; type nosuch 2>/dev/null; echo $?
type cd f | cat; alias zz='a b'; type zz; type export echo test
unalias zz; type zz 2>/dev/null; echo $?
type /bin/sh; type nosuch 2>/dev/null || echo fails
type sh | sed 's|/.*/|/|'
