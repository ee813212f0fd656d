set -- one "two words" three; echo $# $1 "$2" $3; for a in "$@"; do echo "<$a>"; done; for a in "$*"; do echo "<$a>"; done
for a in $@; do echo "($a)"; done; shift; echo $# $1; set --; echo $#; for a in "$@"; do echo never; done
