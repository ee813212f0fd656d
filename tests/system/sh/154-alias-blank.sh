alias foreach='for ' say='echo ' hi='hello there' e='echo' loop='while :; do break; done' semi='echo a; echo'
foreach i in 1 2; do say hi; done
say say hi
e hi
loop; echo looped
semi hi
\say hi 2>/dev/null || echo quoted name is no alias
'say' hi 2>/dev/null || echo neither
alias if_='if true; then'
if_ echo yes; fi
alias self='self_ ' self_='echo self'
self hi
alias echo='echo prefix'
echo once
unalias echo; echo plain
alias x='echo x' y='x'
y
alias empty=''
empty echo after nothing
alias comment='echo c #'
comment gone
alias q="echo 'single'" d='echo "double"'
q; d
alias nl='echo one
echo two'
nl
