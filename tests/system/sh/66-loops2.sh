i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done
i=0; until [ $i -ge 2 ]; do echo $i; i=$((i+1)); done
for i in a b c; do [ $i = b ] && continue; echo $i; done
for i in a b c; do [ $i = b ] && break; echo $i; done
for i in 1 2; do for j in x y; do [ $j = y ] && continue 2; echo $i$j; done; echo no; done
for i in 1 2; do for j in x y; do break 2; done; done; echo $i$j
while true; do while true; do break 2; done; echo no; done; echo out
for i in; do echo x; done; echo $?
i=5; for i in 1 2; do :; done; echo $i
while :; do (exit 3); break; done; echo $?
for i in 1 2 3; do false; done; echo $?
for i in 1; do true; done; echo $?
for x in a
do
echo $x
done
for x in a b ; do echo $x ; done
for x in "a b" c; do echo "$x"; done
x="1 2 3"; for i in $x; do echo $i; done
while read a b; do echo "$b-$a"; done <<E
1 2
3 4
E
n=0; while [ $n -lt 1000 ]; do n=$((n+1)); done; echo $n
for i in 1 2 3; do case $i in 2) continue;; esac; echo $i; done
f() { for i in 1 2; do return 4; done; }; f; echo $?
for i in 1 2 3; do if [ $i = 2 ]; then break; fi; echo $i; done
until true; do echo never; done; echo $?
break; echo top $?
for i in 1 2 3; do echo $i; done | while read z; do echo z$z; break; done
for i in 1 2; do eval 'continue'; echo no; done
for i in 1 2; do for j in 1 2; do break 99; done; echo no; done; echo done
