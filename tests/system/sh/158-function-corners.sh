f() { echo "$#:$1"; shift; echo "$#:$1"; }; set -- x y z; f a b; echo "$#:$1"
f() if true; then echo if body; fi; f
f() for i in 1 2; do echo $i; done; f
f() (x=sub; echo $x); x=main; f; echo $x
f() { echo first; f() { echo second; }; }; f; f
f() { return; }; (exit 3); f; echo $?; f() { false; return; }; f; echo $?
f() { set -- q; echo $1; }; set -- w; f; echo $1
r() { [ $1 -eq 0 ] || { printf '%s ' $1; r $(($1 - 1)); }; }; r 5; echo
f() { x=inside; }; x=outside; f; echo $x; x=outside; (f); echo $x; x=outside; y=$(f; echo $x); echo $x $y
f() { local x=l y; echo "$x"; x=2; }; x=g y=g; f; echo $x$y
f () { echo spaced; }; f
f()
{
	echo newline
}
f
f() { echo out; echo err >&2; } 2>/dev/null >&1; f
unset -f f; f 2>/dev/null; echo $?
_a1() { echo underscore; }; _a1
f2() { echo "$x"; }; x=temp f2; echo $x
f() { unset x; echo ${x-gone}; }; x=1; f; echo ${x-gone}
