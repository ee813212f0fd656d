echo a b   c
echo -n x; echo y
echo 'a\tb' 'c\nd'
echo 'a\\b' 'x\0101y'
echo 'stop\chere'; echo
echo "-n"; echo
echo -- x
echo '' '' x
echo
echo 'bell\a' | od -c
echo 'oct\0' | od -c
echo 'q\q \'
