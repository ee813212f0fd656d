r() { printf "$1" | { read ${2-a} ${3-} ${4-}; echo "$?[$a][${b-}][${c-}]"; }; }
r 'one two three\n'; r 'one two three\n' a b; r 'one two three four\n' a b c
r '  lead trail  \n'; r 'noeol'; r ''; r '\n'
r 'a\\\\b\n'; r 'a\\\nb\n'; r 'a\\ b c\n' a b
printf 'a\\b\n' | { read -r x; echo "$x"; }
printf 'a\\\nb\n' | { read -r x; echo "$x"; }
printf 'a:b:c\n' | { IFS=: read x y z; echo "$x $y $z"; }
printf 'a:b:c:d\n' | { IFS=: read x y; echo "$x|$y"; }
printf 'a::c\n' | { IFS=: read x y z; echo "$x|$y|$z"; }
printf ':a\n' | { IFS=: read x y; echo "$x|$y"; }
printf 'a:\n' | { IFS=: read x; echo "$x"; }
printf 'a:b:\n' | { IFS=: read x y; echo "$x|$y"; }
printf 'a:b::\n' | { IFS=: read x y; echo "$x|$y"; }
printf ' a : b \n' | { IFS=' :' read x y; echo "[$x][$y]"; }
printf ' a b \n' | { IFS= read x; echo "[$x]"; }
printf 'l1\nl2\nl3\n' | { read x; cat; }
printf 'l1\nl2\n' | while read x; do echo "<$x>"; done
printf 'l1\nl2' | while read x; do echo "<$x>"; done
printf 'l1\nl2' | while read x || [ -n "$x" ]; do echo "<$x>"; done
read x < /dev/null; echo "$?[$x]"
echo 'a b' | { read x; echo "$x"; }
x=old; echo | read x; echo $x
printf 'tab\tsep\n' | { read a b; echo "$a-$b"; }
echo 'p' | { read -p 'prompt' x 2>/dev/null; echo $x; }
printf 'a b c\n' | { read x x y; echo $x $y; }
