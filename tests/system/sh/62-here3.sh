x=val
cat <<EOF
$x ${x} $(echo cmd) `echo bq` $((1+1)) \$x \\ "quotes" 'single' \x \`
EOF
cat <<'EOF'
$x $(no) \n \\
EOF
cat <<\EOF
$x raw
EOF
cat <<"E F"
$x
E F
cat <<-EOF
	tabs stripped
		two
	EOF
cat <<A; cat <<B
a
A
b
B
cat <<A - <<B
first
A
second
B
cat <<EOF | tr a-z A-Z
pipe
EOF
while read l; do echo "<$l>"; done <<EOF
1
2
EOF
f() { cat <<EOF
in f $1
EOF
}
f one; f two
cat <<EOF
con\
tinued
EOF
cat <<EOF
EOF
if true; then cat <<EOF
in if
EOF
fi
cat <<EOF && echo and
x
EOF
cat 3<<EOF <&3
fd3
EOF
cat <<EOF
${nope:-a "b" 'c'} "${nope:-q}"
EOF
for i in 1 2; do cat <<EOF; done
i=$i
EOF
cat <<EOF
$(cat <<IN
inner
IN
)
EOF
(cat) <<EOF
sub
EOF
{ cat; } <<EOF
brace
EOF
cat << EOF
space delim
EOF
cat <<a'b'c
$x
abc
cat <<EOF;
semi
EOF
case x in x) cat <<EOF
case
EOF
;; esac
