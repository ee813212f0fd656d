echo a # comment
echo a#b '#' "#"; # another
echo one \
two; echo "li\
ne"
