HOME=/home/me
echo ~ ~/x "~" '~' \~ ~/"a b"
x=~; echo $x
x=~/a:~/b; echo $x
x=a~; echo $x
echo a~ a=~ 
echo ~root
echo ~root/x
echo ~nosuchuser
y=~root:~; echo $y
HOME=; echo ~ ~/x
HOME=/; echo ~/x
unset HOME; echo ~
HOME="/a b"; set -- ~; echo $#
HOME='*'; echo ~
export z=~/k; echo $z
case ~ in '*') echo match;; esac
echo ${none:-~} "${none:-~}"
HOME=/r; echo ${none:-~/q} "${none:-~/q}" ${none:+~}
