x=hello; echo ${#x} ${#} ${#1}
set -- one three; echo ${#1} ${#2} ${#}
unset y; echo ${#y}
z=; echo ${#z}
w='a b  c'; echo ${#w} "${#w}"
echo ${#?} 
q=$(printf 'x\ny'); echo ${#q}
