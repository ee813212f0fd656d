f() { echo "f $1 $#"; }
f a b; f
g() { return 3; }; g; echo $?
h() { return; }; (exit 4); h; echo $?
k() { false; return; }; k; echo $?
r() { [ $1 -le 0 ] && return 0; echo $1; r $(($1-1)); }; r 3
outer() { inner() { echo inner $1; }; inner x; }; outer; inner y
v=1; setv() { v=2; }; setv; echo $v
(setv2() { v=3; }; setv2; echo $v); echo $v
x=global; l() { local x=local; echo $x; m; }; m() { echo m:$x; }; l; echo $x
p() { echo $x; }; x=pre p; echo $x
unset -f f; f 2>/dev/null || echo gone
f () { echo spaced; }; f
f()
{
echo newline
}
f
echo() { printf 'my %s\n' "$*"; }; echo hi; unset -f echo; echo real
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(($1 * $(fact $(($1-1))))); fi; }; fact 6
a() { b() { echo new; }; echo old; }; a; b
redef() { redef() { echo second; }; echo first; }; redef; redef
set -- o1 o2; q() { echo $1; shift; echo $1; }; q i1 i2; echo $1
nested() { (return 5); echo $?; }; nested
args() { for a; do echo "<$a>"; done; }; args "a b" '' c
cond() { false; }; cond || echo failed
pipe() { cat; }; echo x | pipe
bg() { echo bg; }; bg & wait
long_name_with_underscores_1() { echo ok; }; long_name_with_underscores_1
