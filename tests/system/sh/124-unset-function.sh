ls() { echo my ls; }; ls; command ls / > /dev/null && echo real; unset -f ls
cd() { echo my cd; }; cd; unset -f cd; cd /; pwd
true() { return 1; }; true || echo overridden; unset -f true; true && echo back
test() { echo my test; }; test; [ a = a ] && echo bracket; unset -f test
x=v; x() { echo f; }; echo $x; x; unset x; x; unset -f x; x 2>/dev/null || echo none
f() { echo 1; }; f() { echo 2; }; f
g() { g() { echo changed; }; echo original; }; g; g
printf() { echo my printf; }; printf; unset -f printf; printf 'real\n'
