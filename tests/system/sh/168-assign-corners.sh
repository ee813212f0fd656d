a=1 b=$a; echo $a$b; a=2 b=$a c=$b; echo $c; x=y=z; echo $x; a= b=; echo "[$a$b]"; a="q r"; b=$a; echo "$b"
a=x sh -c 'echo $a'; echo "[$a]"; a=1 b=2 sh -c 'echo $a$b'; a=t true; echo "[$a]"
f() { echo "f $v"; }; v=1; v=2 f; v=temp eval 'echo $v'; v=sp :; echo $v; v=ex export w=3; echo $v
v=1; v=2 command true; echo $v; v=3 >/dev/null; echo $v; v=4 </dev/null; echo $v
n=a; eval $n=5; echo $a; "$n=5" 2>/dev/null || echo not an assignment; \b=1 2>/dev/null || echo neither
echo a=b; a=*; echo "$a"; a=$(echo 1 2); echo "$a"; a='x  y'; b=$a; echo "$b"; c=${a%y}z; echo "$c"
a=1; a=$((a + 1)) b=$((a * 10)); echo $a $b; a=$a$a; echo $a; IFS=: a=b:c; echo $a; unset IFS; echo $a
a=1 > /dev/null b=2; echo $a $b; > /dev/null a=3; echo $a; a=$(echo x; exit 3); echo $? $a
1a=2 2>/dev/null || echo $?; a-b=1 2>/dev/null || echo $?; _x=5; echo $_x; A1=6; echo $A1
x=`echo a`b; echo $x; x="a"'b'c\d; echo $x; x=a\ b; echo "$x"; x=~:~; [ "$x" = "$HOME:$HOME" ] && echo tildes
