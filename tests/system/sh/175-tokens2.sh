echo a;echo b;echo c&wait;echo d&&echo e||echo f
(echo a);(echo b)&&(echo c)
{ echo a;};{ echo b; }
if true;then echo a;fi;if false;then :;else echo b;fi
for i in a;do echo $i;done;while false;do :;done
case a in a)echo a;;esac;case b in(b)echo b;esac
f(){ echo f;};f;f()(echo g);f
echo a>/dev/null;echo b>&1;echo c 2>&1;echo 2>&1
echo }; echo {; echo if then else fi; echo do done; echo case esac; echo ! in
a=if; $a 2>/dev/null; echo $?; "if" 2>/dev/null; echo $?; \if 2>/dev/null; echo $?
{ echo x; } >&1; {echo 2>/dev/null; echo $?
echo a # b
echo a#b;#c
echo a;# d
