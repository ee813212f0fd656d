set -- 1 2 3 4 5 6 7 8 9 10 11; echo ${10} ${11} ${#} $#; shift 3; echo "$*"; IFS=-; echo "$*"; echo $*; set -- 'a b' c; IFS=' '; for i in $*; do echo $i; done; x="$@"; echo "$x"
