echo pre"$@"post; set -- a b; for i in pre"$@"post; do echo $i; done; for i in "${@:-none}"; do echo $i; done; for i in "x${1+"$@"}y"; do echo $i; done
