readonly a=1; echo $a
(a=2; echo no) 2>/dev/null; echo $?
(unset a; echo no) 2>/dev/null; echo $?
(export a=3; echo no) 2>/dev/null; echo $?
(readonly a=3; echo no) 2>/dev/null; echo $?
(for a in 1 2; do echo no; done) 2>/dev/null; echo $?
(read a <<E
x
E
echo maybe $?) 2>/dev/null; echo $?
(a=5 true; echo maybe) 2>/dev/null; echo $?
(a=5 :; echo no) 2>/dev/null; echo $?
readonly b; b=1 2>/dev/null; echo never
