# many commands, words and levels: nothing depends on a small number
i=0; s=; while [ $i -lt 2000 ]; do s="$s x"; i=$((i+1)); done; set -- $s; echo $#
i=0; t=; while [ $i -lt 3000 ]; do t="$t:;"; i=$((i+1)); done; eval "$t echo evaluated"
eval "f() { $t echo function; }"; f
i=0; n=; while [ $i -lt 100 ]; do n="$n(" i=$((i+1)); done
echo $(($(echo "$n" | tr '(' '(')1$(echo "$n" | tr '(' ')')))
x=$(seq 1 20000); echo ${#x}; set -- $x; echo $# ${20000}
r() { [ $1 -gt 0 ] && r $(($1-1)); echo -n .; }; r 200 | wc -c | tr -d ' '
echo $(echo $(echo $(echo $(echo $(echo $(echo $(echo deep)))))))
a=a; while [ ${#a} -lt 100000 ]; do a=$a$a; done; echo ${#a}; case $a in *aa) echo matched;; esac; b=${a#a}; echo ${#b}
cat <<E1 | wc -c | tr -d ' '
$a
E1
