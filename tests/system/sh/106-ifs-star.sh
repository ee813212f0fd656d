set -- a b 'c d'
for i in "$*"; do echo "<$i>"; done
IFS=-; echo "$*"; for i in $*; do echo "<$i>"; done
IFS='+-'; echo "$*"
IFS=''; echo "$*"; for i in $*; do echo "<$i>"; done; for i in $@; do echo "<$i>"; done
IFS=' '; x="$*"; echo "$x"
unset IFS; echo "$*"
IFS=:; v=a:b; for i in $v$v; do echo "<$i>"; done
for i in x$v"y z"$v; do echo "<$i>"; done
for i in "$v"; do echo "<$i>"; done
IFS=' 	
'
set --; for i in "$@" x; do echo "<$i>"; done; for i in "" "$@"; do echo "<$i>"; done
set -- '' ''; for i in "$@"; do echo "<$i>"; done; for i in $@; do echo "never <$i>"; done
set -- a; for i in "x$@y"; do echo "<$i>"; done; set -- a b; for i in "x$@y"; do echo "<$i>"; done
