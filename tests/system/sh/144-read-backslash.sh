r() { printf "$1" | { read $2 a b c; echo "$? <$a> <$b> <$c>"; }; }
r 'one two three four\n'; r 'one\\ two three\n'; r 'one\\\ntwo three\n'; r 'a\\\\b c\n'; r 'a\\bc d\n'
r 'one\\ two three\n' -r; r 'one\\\ntwo\n' -r; r 'a\\\\b\n' -r
r '  lead trail  \n'; r 'a b c  \n'; r 'a b c d  \n'; r '\n'; r ''; r 'no newline'; r 'a\tb\n'
r 'a b c\\  \n'; r 'a b \\ \n'
printf 'a:b:c:\n' | { IFS=: read a b; echo "<$a> <$b>"; }
printf 'a:b:\n' | { IFS=: read a b; echo "<$a> <$b>"; }
printf 'a:b::\n' | { IFS=: read a b; echo "<$a> <$b>"; }
printf ' : a : b \n' | { IFS=' :' read a b c; echo "<$a> <$b> <$c>"; }
printf '::a\n' | { IFS=: read a b c; echo "<$a> <$b> <$c>"; }
printf ' a b \n' | { IFS= read a; echo "<$a>"; }
printf ' a b \n' | { read a; echo "<$a>"; }
printf 'x\ny\nz\n' | { read a; read b; cat; echo "$a$b"; }
printf 'a\\:b:c\n' | { IFS=: read a b; echo "<$a> <$b>"; }
printf 'q\n' | { read a b; echo "$? <$a> <${b-unset}>"; }
