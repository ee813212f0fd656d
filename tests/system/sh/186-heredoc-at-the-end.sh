sh -c 'cat <<X'
echo $?
echo "[$(cat <<X)]"
sh -c 'cat <<X; cat <<-"Y"'
file=$(mktemp)
printf 'echo a\ncat <<X' >"$file"
sh "$file"
echo $?
rm "$file"
cat <<X; echo end