eval; echo $?; eval ''; echo $?; false; eval; echo $?; false; eval ''; echo $?
eval 'echo a' 'b;' 'echo c'; eval echo '$((1 + 1))'; x='$y' y=z; eval echo $x; eval "echo \"$x\""
eval 'for i in 1 2
do echo $i
done'
eval 'f() { echo in f; }'; f
eval 'x=5; return_() { return 3; }; return_'; echo $?
g() { eval 'return 4'; echo no; }; g; echo $?
for i in 1 2; do eval 'break'; echo no; done; echo $i
for i in 1 2; do eval 'continue'; echo no; done; echo $i
eval 'set -- a b'; echo $#
eval "eval \"echo \\\"deep\\\"\""
sh -c 'eval "echo \"unterminated"; echo no' 2>/dev/null; echo $?
sh -c 'eval "if"; echo no' 2>/dev/null; echo $?
eval 'exit 3' | cat; echo $?
eval 'cat <<E
here $x
E'
eval '# only a comment'; echo $?
