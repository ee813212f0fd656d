set -- one 'two  three' four
IFS=-
cat <<E
$*|'$*'|$#
${1+"a b"} ${1:-'q'} ${nope:-'q'} ${nope:-"d"}
\a \` \" \' \\ \$1
`echo "back $1"` $(echo "dollar $1")
E
cat <<E
$(printf '%s,' "$@")
E
unset IFS
cat <<E
${2%% *}|${2#* }|${#2}
E
cat <<E
E
echo end
