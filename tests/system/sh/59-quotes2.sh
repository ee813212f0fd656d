echo 'a "b" $c `d` \e'
echo "a 'b' \$c \`d\` \" \\ \x"
echo a\ b\"c\'d
echo "line1
line2"
echo 'x
y'
echo con\
tinued "con\
tinued" 'not\
cont'
echo "" '' end
echo a""b a''b "a"'b'c
echo "$(echo "in $(echo "deep")")"
echo "\
x"
echo '\' "\\" \\ 
echo "a\nb" | cat
printf '%s\n' "\n" "\$" "\a" '\$'
echo "${x-"a b"}" "${x-'a b'}"
echo $'x' | sed 's/\$//'
echo \#notcomment a#b # comment
echo "#no" '#no'
set -- "a
b"; echo "$1"
echo "$" $ "$ " '$'
echo "a$" $% 
