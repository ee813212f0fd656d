a=A
cat <<E1; cat <<'E2'; cat <<-"E3"
$a one
E1
$a two
E2
	$a three
	E3
cat <<EOF | while read l; do echo "[$l]"; done
x
  y  z
EOF
f() { cat <<-EOF
	$1 ${2:-default}
	EOF
}
f p; f p q
x=$(cat <<EOF
sub $a
EOF
); echo "$x"
for i in 1 2; do
cat <<EOF
loop $i $((i*2))
EOF
done
cat <<EOF
"double" 'single' \"esc\" \$a \\ \` \z
EOF
if cat <<EOF
cond
EOF
then echo then; fi
cat <<EOF 2>/dev/null >/dev/stdout
redirected
EOF
cat <<$a
literal delimiter
$a
cat <<E"O"F
quoted $a
EOF
while read x y; do echo $y $x; done <<EOF
1 2
3 4
EOF
wc -c <<EOF | tr -d ' '
$(seq 1 2000)
EOF
cat <<EOF
${nope-
multi
}
EOF
