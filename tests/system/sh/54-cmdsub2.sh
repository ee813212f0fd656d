x=$(echo a; echo b); echo "$x"
x=$(printf 'a\n\n\n'); echo "[$x]"
x=$(printf '\n\na'); echo "[$x]"
echo $(echo a   b) "$(echo a   b)"
echo `echo \`echo nested\`` "`echo \"q\"`" `echo "a b"`
echo $(echo $(echo $(echo deep)))
echo $(case x in x) echo in case;; esac)
echo $(case x in (x) echo in case;; esac)
echo $( (echo sub) ) $( { echo brace; } )
x=$(exit 3); echo $?
x=$(exit 3) y=$(exit 4); echo $?
echo $(exit 5); echo $?
x=1 y=$(echo $x); echo "[$y]"
echo "$(echo ")")" "$(echo '"')" $(echo \))
echo $(# comment )
echo after comment
)
echo $(cat <<EOF
here in sub
EOF
)
echo "$(cat <<'EOF'
quoted $x here ) paren
EOF
)"
y=$(x=inner; echo $x); echo $y $x
echo $(<&- echo closed)
set -- $(echo '*' | sed 's/x/y/'); [ $# -ge 1 ] && echo globbed
echo "$(echo '*')"
z=`printf '%s' 'a\\b'`; echo "$z"
z=`echo '$x' \$x \\\$x`; echo "$z"
echo $(echo a
echo b)
: $(exit 7); echo $?
f() { return 9; }; x=$(f); echo $?
true $(false); echo $?
$(true); echo $?
$(false); echo $?
false; x=; echo $?
false; x=$(true); echo $?
