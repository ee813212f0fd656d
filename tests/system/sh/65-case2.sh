t() { case $1 in
a|b) echo ab;;
[0-9]) echo digit;;
[!a-z]*) echo notlower;;
*.c) echo c;;
"*") echo star;;
'x y') echo space;;
\?) echo q;;
??) echo two;;
"") echo empty;;
[[:alpha:]][[:digit:]]*) echo alnum;;
*) echo other;;
esac; }
for w in a b 5 Z9 f.c '*' 'x y' '?' xy '' a1b zzz 'a]' '[x' a-b; do t "$w"; done
x='*'; case abc in $x) echo expanded;; esac
case abc in "$x") echo no;; *) echo quoted;; esac
case '*' in "$x") echo yes;; esac
case a in esac; echo $?
case a in b) ;; esac; echo $?
case a in a) false;; esac; echo $?
case a in a) ;; esac; echo $?
case $(echo a) in `echo a`) echo sub;; esac
case a in
(a) echo paren
esac
case "a b" in a\ b) echo esc;; esac
case ab in a[b-]) echo dash;; esac
case a- in a[b-]) echo dash2;; esac
case ']' in []]) echo br;; esac
case a in [!]]) echo nbr;; esac
case 'a\b' in 'a\b') echo bs;; esac
case 'a\b' in a\\b) echo bs2;; esac
case x in y) ;; x) for i in 1 2; do echo $i; done;; esac
case / in *) echo slash;; esac
case .h in *) echo dot;; esac
case a in a|b|c) echo x; echo y;; esac
case 'ab' in 'a'*) echo mix;; esac
y=b; case ab in a$y) echo var;; esac
case '' in '') echo e;; esac
case $unset in '') echo u;; esac
