while read l; do echo "[$l]"; done <<EE
one
two
EE
f() { cat <<Z
in $1
Z
}
f func
