echo if then else fi while do done case esac { } !
x=if; $x 2>/dev/null || echo word
'if' true 2>/dev/null || echo quoted if
{ echo a; }
{ echo b
}
! { false; } && echo ok
{ echo c; } | cat
if ! false; then echo n; fi
for i in if then; do echo $i; done
case in in in) echo in;; esac
case esac in (esac) echo esac;; esac
f() if true; then echo function body if; fi
f
g() for i in 1 2; do echo g$i; done
g
h() ( echo sub; exit 3 )
h; echo $?
k() case $1 in a) echo is a;; *) echo other;; esac
k a; k b
