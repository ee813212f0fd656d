i=0; while [ $i -lt 12 ]; do s="$s$s 0123456789"; i=$((i + 1)); done
cat <<E | wc -c | tr -d ' '
$s
$s
E
echo ${#s}; x=$(echo "$s$s"); echo ${#x}; echo "$s" | cksum 2>/dev/null | wc -l | tr -d ' '; set -- $s; echo $#
case $s in *9) echo ends;; esac; echo "${s%%9*}"; y=${s#*9}; echo ${#y}
f() { echo ${#1}; }; f "$s"; for w in $s; do :; done; echo $w; cat <<'E' | head -n 1
$s
E
