exec 2>&1
PS4='> '; set -x
echo a; x=1; y="a b" z=c; echo "$y" '' 'q"'
: $((1 + 1)) $(echo sub)
set +x
