IFS=:; v=a:b::c:; for i in $v; do echo "[$i]"; done; IFS=' :'; v=' a : b  c :: d '; for i in $v; do echo "<$i>"; done; IFS=; v='a b'; for i in $v; do echo "{$i}"; done
