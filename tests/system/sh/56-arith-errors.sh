(echo $((1/0)); echo no) 2>/dev/null; echo $?
(echo $((1%0)); echo no) 2>/dev/null; echo $?
(echo $((1+)); echo no) 2>/dev/null; echo $?
(echo $((a b)); echo no) 2>/dev/null; echo $?
(x=abc; echo $((x)); echo no) 2>/dev/null; echo $?
(echo $((1 2)); echo no) 2>/dev/null; echo $?
(readonly r=1; echo $((r=2)); echo no) 2>/dev/null; echo $?
(echo $((09)); echo no) 2>/dev/null; echo $?
(echo $((0 ? 1/0 : 5))) 2>/dev/null; echo $?
(echo $((1 || 1/0))) 2>/dev/null; echo $?
(echo $((5 = 3)); echo no) 2>/dev/null; echo $?
