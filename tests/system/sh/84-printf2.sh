printf 'a\n'; printf '%s\n' a b c; printf '%s %s\n' a b c
printf '%d %i %o %x %X %u\n' 10 11 12 255 255 7
printf '%5d|%-5d|%05d|%+d|% d|%.3d\n' 1 2 3 4 5 6
printf '%s|%10s|%-10s|%.2s\n' abc abc abc abc
printf '%c%c\n' abc xyz
printf '%b\n' 'a\tb\0101\n' 'x\cy' ; echo
printf '\101\t\\\n'
printf '%%\n'
printf '%d\n' 0x10 010 "'a" '"b' -5
printf '%d\n' abc 2>/dev/null; echo $?
printf '%d\n' 12abc 2>/dev/null; echo $?
printf '%s\n'; printf '%d\n'
printf '%*d|%-*d|%.*s\n' 5 1 5 2 2 abc
printf '%x\n' -1
printf '%f %.2f %e %g\n' 1.5 2.345 12345.678 0.0001
printf 'no newline'; echo
printf '%s' ; printf '%s\n' ''
printf -- '-x\n'; printf '%s\n' -- -x
printf '%#o %#x\n' 8 255
printf '%s\n' 'a\nb'; printf 'a\\nb\n'
printf '%b' 'a\b' | wc -c
printf '%s %d\n' a 1 b 2 c
printf '%b\n' '\1234' '\01234' | od -c | head -3
printf '\0101\n' | od -c
printf 2>/dev/null; echo $?
