# 2.3.1 alias substitution
alias hi='echo hello'
hi there
alias e='echo a ' b='echoed'
e b b
alias one='two' two='one'
one 2>/dev/null || echo no loop
alias ls='ls -d'
ls /
alias | sort
unalias hi
hi 2>/dev/null || echo gone $?
'hi' 2>/dev/null || echo gone
alias nothere 2>/dev/null || echo status $?
alias e
unalias -a
alias | sort
alias if2='if true; then'
if2 echo yes; fi
alias q="it's"
alias q
alias x1='echo one; echo'
x1 two
\x1 2>/dev/null || echo quoted
