alias a=b "c=d e" q="it's"
alias a; alias c; alias nosuch 2>/dev/null; echo $?
alias | grep '^[ac]=' | sort
unalias a; alias a 2>/dev/null; echo $?; unalias a 2>/dev/null; echo $?
unalias -a; alias; echo $?
alias k='echo k'; (unalias k; alias k 2>/dev/null; echo $?); alias k
f() { k; }
alias k='echo changed'
f
k
alias z=echo; eval 'z evaluated'
alias w='echo w'
w; unalias w
w 2>/dev/null || echo gone
