cd "$(mktemp -d)" || exit
o() { echo out; echo err >&2; }
o >f 2>&1; cat f; o 2>&1 >f | sed 's/^/pipe /'; cat f
o 2>f >&2; cat f; { o 3>&1 >&2 2>&3 3>&-; } 2>f; cat f
o >a >b 2>&1; cat a; cat b
echo x 3>f >&3; cat f
>empty; ls; 2>&1 >made; ls
echo a >f; echo b >>f; echo c 1>>f; cat <f; cat 0<f
< f cat; <f >g cat; cat g
set -C; (echo no >f) 2>/dev/null || echo kept; echo yes >|f; cat f; set +C
x=f; cat <$x; cat <"$x"; y='a b'; echo spaces >"$y"; cat "$y"; echo s >a\ c; cat 'a c'
if true; then echo in; fi >f; cat f
for i in 1 2; do echo $i; done >f; cat f
while read l; do echo "<$l>"; done <f
(echo sub; echo shell) >f; cat f
case a in a) echo case;; esac >f; cat f
echo 1>f 2; cat f; echo a 2 >f; cat f; echo a2>f; cat f
rm -r "$PWD"
