f() {
	cat <<ONE
one of $1
ONE
	g() {
		cat <<-TWO
			inside g of $1
			TWO
	}
	g "$2"
}
f a b
g c
for i in 1 2; do
	cat <<X | while read -r l; do cat <<Y; done
line $i
X
[$l]
Y
done
h() { cat; } <<DEFAULT
of the definition $1
DEFAULT
h x
h y <<CALL
of the call
CALL
