i=0; f() { i=$((i + 1)); echo $i; }
echo $i $(f) $i; f >/dev/null; echo $i
x=1; echo $x ${x:=2} $((x = 3)) $x
y=1; y=2 echo $y; z=$y$((y = 5))$y; echo $z
set -- a b; echo $1 $(shift; echo $1) $1
echo $(echo $i) `echo $i` $((i))
a='$b' b='$c' c=d; echo $a; eval echo $a; eval eval echo $a
v='"quoted words"'; set -- $v; echo $# $1; eval set -- $v; echo $# $1
w='a;echo b'; echo $w; eval echo $w; r='>f'; echo x $r; p='|cat'; echo x $p
q="'"; echo $q$q
