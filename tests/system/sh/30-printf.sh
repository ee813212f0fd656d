printf '%s-%d\n' a 1 b 2; printf '%5d|%-5s|%05d|%x|%o|%c\n' 42 ab 7 255 8 xyz; printf 'a\tb\\\101\n'; printf '%%|%b\n' 'x\ty'; printf '%s\n'; printf 'no args\n'
