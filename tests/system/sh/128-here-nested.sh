cat <<A; cat <<B; cat <<'C'
a $(cat <<I
inner $((1 + 2))
I
)
A
b ${x:-"quoted 'default'"} \$x \\ \
joined
B
c $x \
C
x=$(cat <<E
in a substitution
E
)
echo "$x"
cat <<"E F"
${y}
E F
cat <<-	E
	tabs	stay	inside
	E
echo `cat <<E
backquoted
E
`
