# Inside "${x=word}" a double quote ends the quoting, and a single one is itself.
unset u
printf '<%s>' "${u="}"}" "$u"; unset u
printf '<%s>' "${u="*"o}" "$u"; unset u
printf '<%s>' "${u='q'}" "$u"; unset u
printf '<%s>' "${u:="\""}" "$u"; unset u
printf '<%s>' "${u=\}}" "$u"; unset u
printf '<%s>' "${u="a  b"  c}" "$u"; unset u
echo
# Blanks around a number in a variable do not matter to arithmetic; nothing but blanks is 0.
n=' 5 '; echo $((n + 1))
n=' '; echo $((n + 1))
n=; echo $((n + 1))
(echo $((0 ? 1 : n = 3))); echo $?
echo $((0 ? 1 : (n = 3))) $n
