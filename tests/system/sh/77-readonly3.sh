readonly x=1 y='a b'
readonly -p
export p=1 q="a'b"
export -p | grep -E ' (p|q)='
readonly z; readonly -p | grep z
export unset_one; export -p | grep unset_one; echo $?
(getopts a x; echo maybe) 2>/dev/null; echo $?
f() { local x 2>/dev/null; echo no; }; (f) 2>/dev/null; echo $?
