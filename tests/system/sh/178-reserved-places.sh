alias t='then'
if true
t echo alias; fi
if true; then if false; then :; else echo nested; fi; fi
if (exit 3); then :; elif [ $? = 3 ]; then echo elif; else echo no; fi
if false; then :; elif false; then :; fi; echo $?
if true; then
	# nothing but
	:
fi
if { true; } then echo brace then; fi
while { false; } do :; done; echo ok
for i in do done; do echo $i; done
for i in a
do
	echo $i
done
until true
do :
done
function_() { if true; then return 5; fi; }; function_; echo $?
if true; then echo a; fi | cat; (if true; then echo b; fi); { if true; then echo c; fi; }
if echo cond >/dev/null; then echo d; fi >&1
if ! false; then echo e; fi; if ! true; then :; else echo f; fi
case x in x) if true; then echo g; fi;; esac
