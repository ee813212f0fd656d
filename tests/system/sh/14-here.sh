x=5; cat <<A; cat <<'B'
v $x $(echo sub) \$x "q"
A
raw $x `no`
B
cat <<X | tr a-z A-Z
piped
X
