# 2.3 token recognition: operators without blanks, quotes inside words, comments
echo a;echo b&&echo c||echo d
(echo e)|cat
{ echo f;};echo g
echo a#b a\#b "#c" #comment
echo 1>/dev/null;echo 2 >/dev/null;echo done
x=1;y=2;echo $x$y
echo a"b"'c'd\e"f g"
if :;then echo h;fi
case x in x)echo i;;esac
for i in 1 2;do echo $i;done
while :;do break;done
f(){ echo j;};f
echo a>/tmp/t.$$;cat</tmp/t.$$;rm /tmp/t.$$
echo k|cat|cat&&echo l
true&&
echo m
!  false&&echo n
