printf '%s\n' a b c; printf '%s %s\n' a b c; printf '%d\n' 1 2; printf 'x\n' a b; printf '%s\n'; printf '%d\n'
printf '%5s|%-5s|%05d|%+d|%x|%X|%o|%c\n' ab ab 42 42 255 255 8 xyz; printf '%.2s|%5.1s|%.3d\n' abc abc 5
printf '%b\n' 'a\tb\\c\0101'; printf '%b' 'stop\chere'; echo; printf '%%\n'; printf '\101\n' | od -c | head -n 1 | tr -s ' '
printf '%s' ''; printf '%d %d\n' 0x1f 010; printf "%d\n" "'a" '"b'; printf '%i\n' -5; printf '%u\n' 5
printf '%*d|%-*d|%.*s\n' 5 42 5 42 2 abc; printf '%s\n' -n; printf -- '%s\n' x; printf '\\ \a\b' | od -An -c | tr -s ' '
printf '%d\n' abc 2>/dev/null; echo $?; printf '%d\n' 12x 2>/dev/null; echo $?; (printf) 2>/dev/null; echo $?
printf '%e %f %g\n' 1.5 2.25 0.0001; printf '%5.1f|%-8.3f|\n' 3.14159 2.5; printf '%s %d\n' a 1 b 2 c
printf 'no newline'; echo
