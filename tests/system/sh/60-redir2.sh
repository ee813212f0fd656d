d=$(mktemp -d) && cd $d || exit
echo one > f; cat f; echo two >> f; cat < f
echo three >| f; cat f
cat < f > g; cat g
echo err >&2 2>/dev/null
{ echo out; echo err >&2; } > o 2> e; cat o e
{ echo out; echo err >&2; } > o 2>&1; sort o
{ echo out; echo err >&2; } 2>&1 >/dev/null | cat
exec 3> three; echo to3 >&3; exec 3>&-; cat three
exec 4< three; read x <&4; echo $x; exec 4<&-
(echo x >&9) 2>/dev/null; echo $?
cat < nosuch 2>/dev/null; echo $?
> created; [ -f created ] && echo created
: > o; wc -c < o
echo a 1> n1; cat n1
echo 2 >two; cat two
echo 2>two; cat two
x=two; echo via > $x; cat two
echo "a b" > "sp f"; cat "sp f"
echo hi <&- ; echo $?
while read l; do echo "[$l]"; done < g
for i in 1 2; do echo $i; done > loop; cat loop
if true; then echo in if; fi > iff; cat iff
(echo sub; echo more) > s; cat s
f() { echo f; echo fe >&2; } 2> fe > fo
f; cat fo fe
f > ignored; ls; 
echo x > /nosuchdir/f 2>/dev/null; echo $?
exec 5>&1; (echo dup >&5) > /dev/null; exec 5>&-
cat <> rw; [ -f rw ] && echo rw
echo content > rw; exec 3<> rw; read a <&3; echo $a; echo more >&3; exec 3>&-; cat rw
echo a > b > c; cat c; wc -c < b
2>/dev/null ls nosuch; echo after
< g cat
cd /; rm -r $d
