ec\
ho joined
echo "a\
b"
echo 'a\
b'
x=1\
2; echo $x
i\
f true; then echo keyword; fi
echo $\
x $((1 +\
 2))
cat <<END
c\
d
END
cat <<'END'
e\
f
END
echo "$(echo g\
h)"
