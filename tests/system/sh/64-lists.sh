true && echo 1; false && echo 2; true || echo 3; false || echo 4
false && true || echo 5; true || false && echo 6
true && false || true && echo 7
! true || echo 8
{ false || true; } && echo 9
echo a; echo b
echo c &
wait
echo d & wait; echo e
true &&
echo newline
false ||

echo newline2
(echo s1; echo s2)
{ echo g1; echo g2; }
false; true && echo x
x=1 && y=2 && echo $x$y
(exit 3) || echo $?
(exit 3) && echo no; echo $?
if false; then :; fi; echo $?
while false; do :; done; echo $?
true & false & wait; echo $?
{ :; } ; echo $?
