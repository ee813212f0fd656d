echo a"b"'c'\d "a'b" 'a"b' "a\"b" "a\$b" a\\\\b "\$x" '$x' \$x "a`echo b`c" "a$(echo "b")c"
echo "" '' "" | od -An -c | tr -s ' '; echo ''a'' ""b""; echo \
a; echo "a
b"; echo 'a
b'; echo "\
x"; echo a#b '#c' \#d "#e" #f
echo $ "$" '$' a$ "$ a"; x=v; echo "${x}$" "$x$" "\$x" "$x" '$x' \$x "'$x'" '"$x"' "\"$x\"" $x$x "$x"$x'$x'
echo "!" ! "a!b"; echo a{b "}" {; echo \a\b\c; echo "\`" '`' \`; echo a\	b "a	b"
echo "$(echo '"' "'")" "`echo '"'`"; echo "${x+"a"}" "${x+'a'}" ${x+'a'} ${x+\'} "${x+\"}"
echo [a] [!a] "[a" 'a]' ~"" "~"a \~a; echo -n x; echo; echo - a
