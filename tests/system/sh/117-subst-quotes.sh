echo "$(echo "a  b")" $(echo "a  b") "$(echo 'a"b')"
echo "$(echo "$(echo "deep  er")")"
x='1  2'; echo "$(echo "$x")" $(echo "$x") "`echo "$x"`"
echo "`echo \"q\"`" `echo '\$x'` "`echo \\\\`"
echo "$(printf '%s' "tail

")|"
echo "a$(echo b)c`echo d`e$((1+1))f"
y=$(echo 'single '\''quoted'\'''); echo "$y"
echo $(echo a; echo b; echo c) "$(echo a; echo b)"
for w in $(echo 'a b' c) "$(echo 'd e')"; do echo "<$w>"; done
z="$(cat <<END
here "in" $x
END
)"; echo "$z"
echo "${x:-$(echo "nested ${y:-"deep"}")}"
echo "$(if true; then echo "if"; fi)" "$(case a in a) echo "case)";; esac)" "$( (echo "sub") )"
echo "$(f() { echo "f $1"; }; f "a  b")"
echo "$(echo \")" '$(no)' "\$(no)" \$\(no\)
