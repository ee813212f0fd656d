for i in a b c; do case $i in a) continue;; b) echo b; break;; esac; echo no; done; echo $?
f() { case $1 in x) return 4;; *) return 5; esac; }; f x; echo $?; f y; echo $?
case a in
	# a comment
	b) echo no ;;
	a)
		echo one
		echo two
		;;
esac
case a in a) case b in b) echo inner;; esac;; esac
case "$(case x in x) echo deep;; esac)" in deep) echo yes;; esac
case ~ in "$HOME") echo home;; esac
case a in a) echo last
esac
x=a; case $x in a) x=b;; b) echo no;; esac; echo $x
case ${y:=set} in set) echo $y;; esac
case ${nope} in '') echo empty;; esac
case $@ in '') echo none;; esac
