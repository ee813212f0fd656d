alias foo='echo first' ; foo 2>/dev/null || echo not yet
foo
f() { foo inside; }
alias foo='echo second'
f
foo
eval 'foo evaluated'
alias g='{ echo in brace'
g; }
alias p='cat |'
echo x | p cat
alias h='cat <<END'
h
body of it
END
(alias foo='echo sub'
foo); foo
alias a1=a2 a2='echo end'
a1
x=1 foo
! foo
if foo; then foo; fi
case x in x) foo;; esac
for foo in foo; do echo $foo; done
