true && true && false || echo a && echo b || echo c
false || false || echo d && false || echo e
true && { false || true; } && echo f; (true && false) || echo g
false && echo no; echo $?; false || true && echo h; ! false && echo i; ! true || echo j
true; false; echo $?; true && ! false; echo $?; false ||
echo k; true &&

echo l; true && # comment
echo m
{ echo n; false; } || echo o; if false || true; then echo p; fi; while false || false; do :; done; echo $?
x=; [ "$x" ] || x=q && echo $x; [ a ] && [ b ] && echo r; test 1 -eq 2 || test 1 -eq 1 && echo s
a=$(false || echo t) && echo $a; b=$(true && false) || echo u$?; ! { false; } && echo v; ! (exit 3); echo $?
