m() { case $1 in $2) echo "$1 $2 yes";; *) echo "$1 $2 no";; esac; }
m abc 'a*'; m abc '?b?'; m abc '[a-c]bc'; m abc '[!a]*'; m abc abc; m '' ''; m '' '*'; m a '?'; m '' '?'
m a-c 'a[-]c'; m ']' '[]]'; m 'a]' '[a]]'; m '[' '['; m '[a' '[a'; m '\' '\\'; m '*' '\*'; m a '\a'
m aXb 'a[[:upper:]]b'; m a1b 'a[[:digit:]]b'; m 'a b' 'a[[:space:]]b'; m .x '*'; m a/b '*'; m a/b '*/?'
m abcabc '*bc'; m abab '*ab*ab'; m aaa '*a*a*a*'; m aa '*a*a*a*'
case a/b in a\/b) echo escaped;; esac
case "$(printf 'a\nb')" in *"
"*) echo newline;; esac
x=b; case abc in a"$x"c) echo quoted var;; esac; case 'a*c' in a"*"c) echo literal;; esac
case abc in a"?"c) echo no;; *) echo quoted question;; esac
