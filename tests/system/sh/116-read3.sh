printf 'a b c d\n' | { read x y; echo "[$x][$y]"; }
printf 'a\n' | { read x y z; echo "[$x][$y][$z]"; }
printf '  a  b  \n' | { read x; echo "[$x]"; }
printf 'a\\ b c\n' | { read x y; echo "[$x][$y]"; }
printf 'a\\ b c\n' | { read -r x y; echo "[$x][$y]"; }
printf 'one\\\ntwo\n' | { read x; echo "[$x]"; }
printf 'a,b,,d\n' | { IFS=, read w x y z; echo "[$w][$x][$y][$z]"; }
printf 'a , b , c\n' | { IFS=' ,' read x y z; echo "[$x][$y][$z]"; }
printf ',,\n' | { IFS=, read x y z; echo "[$x][$y][$z]"; }
printf 'k=v=w\n' | { IFS== read k v; echo "[$k][$v]"; }
printf 'root:x:0\n' | while IFS=: read u p i; do echo $u $i; done
printf '1\n2\n3\n' | { read a; read b; echo $a $b; cat; }
printf 'x y\nz\n' | (read a b; read c; echo "$b$a$c")
: | { read v; echo "$? [$v]"; }
printf 'no newline' | { read v; echo "$? [$v]"; }
i=0; while read l; do i=$((i+1)); done < /etc/passwd; [ $i -gt 0 ] && echo counted
