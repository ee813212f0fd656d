HOME=/home/me
echo ~ ~/ ~/a "~" '~' \~ a~ ~a/~ ~nosuchuser x=~ x:~ =~
x=~; echo $x; x=~/a:~/b; echo $x; x=a:~; echo $x; x="~"; echo $x; x=\~; echo $x
PATH_=~/bin:~/sbin:"~"/q; echo $PATH_
y=$x; z='~'; echo $z; echo ${z}; eval echo $z
echo ${n:-~} ${n:-~/x} "${n:-~}"
case /home/me in ~) echo case;; esac
for i in ~ a:~; do echo $i; done
HOME='/with space'; set -- ~; echo $# $1; HOME='/with*'; echo ~
export E=~/e; echo $E; readonly F=~/f; echo $F
echo a=~/b; echo ~+ ~- ~1
