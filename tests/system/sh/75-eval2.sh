eval echo a b
eval 'echo "a b"'
x='echo hi'; eval $x; eval "$x; $x"
eval; echo $?
eval ''; echo $?
eval false; echo $?
eval 'exit_() { return 3; }'; exit_; echo $?
y='$z'; z=5; eval echo $y
eval "v$z=six"; echo $v5
n=v5; eval echo \$$n
eval 'for i in 1 2; do
echo $i
done'
(eval 'if') 2>/dev/null; echo $?
(eval 'echo a; )') 2>/dev/null; echo $?
f() { eval 'return 7'; echo no; }; f; echo $?
eval "eval \"echo deep\""
eval 'x=1; echo $x'; echo $x
false; eval 'echo $?'
eval 'cat <<E
here
E'
eval '# comment'; echo $?
eval '
'; echo $?
