ec\
ho joined
echo a\
b "c\
d" 'e\
f'
x=1\
2; echo $x
echo $\
x ${\
x} ${x\
} $(\
echo sub) $((1\
2 + 1)) `echo b\
q`
if true\
; then echo th\
en; f\
i
true &\
& echo and
false |\
| echo or
cat <\
<E
here
E
cat <<E
a\
b $x\
c
E
# a comment does not continue \
echo shown
echo end of \\
for i i\
n 1; do echo $i; don\
e
echo "a\\
b"
