echo a | cat | cat | cat
echo a | { read x; echo got $x; }
echo a | (read x; echo got $x)
x=out; echo in | read x; echo $x
true | false; echo $?
false | true; echo $?
! true | false; echo $?
! false; echo $?
! true; echo $?
exit 3 | exit 4; echo $?
echo a |
cat |

cat
{ echo 1; echo 2; } | while read x; do echo "w$x"; done
yes | head -n 2
echo x | if read y; then echo $y; fi
echo x | for i in 1 2; do read z; echo "$i$z"; done
echo x | case a in a) cat;; esac
f() { cat; }; echo func | f
seq 1 100000 | tail -n 1
echo a | cat - | sed s/a/b/ | cat && echo and
false | echo hi || echo or
(exit 5) | (exit 6); echo $?
(exit 5); echo $?
echo e 2>&1 >&2 | cat 2>/dev/null
