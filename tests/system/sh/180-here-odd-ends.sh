cat <<E	# comment
body
E
cat <<\E
$x `y`
E
cat <<E"F"
$x
EF
cat <<''
until an empty line

echo after
cat <<-E
	a
		b
	 E
	E
cat <<E
 E
E 
EE
E
cat <<E && echo and
x
E
if cat <<E
cond
E
then echo then; fi
(cat <<E
sub
E
)
{ cat <<E; echo same line; }
brace
E
x=$(cat <<'E'
quote ' and " and ) and `
E
); echo "$x"
cat <<E >/dev/null; cat <<F
hidden
E
shown
F
while read a; do read b <<I; echo $a$b; done <<O
inner
I
o1
o2
O
