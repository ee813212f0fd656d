n=0; printf '1\n2\n3\n' | while read x; do n=$((n+x)); echo $n; done; echo $n; while :; do break; done; echo $?; while true; do (exit 3); break; done; echo $?
