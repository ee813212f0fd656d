if true; then echo a; fi
if false; then echo a; else echo b; fi
if false; then echo a; elif true; then echo c; else echo b; fi
if false; then :; elif false; then :; fi; echo $?
if true; false; then echo x; else echo y; fi
if false
then echo n
elif true
then
echo multi
fi
if (exit 3); then :; else echo $?; fi
if ! false; then echo not; fi
if true; then false; fi; echo $?
if [ a = a ] && [ b = b ]; then echo and; fi
if echo cond >/dev/null; then echo cmd; fi
if true; then if false; then :; else echo nested; fi; fi
if x=$(false); then echo t; else echo f; fi
if true; then
# comment only
:
fi
