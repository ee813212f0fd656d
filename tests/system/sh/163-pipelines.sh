echo a | cat | cat; true | false; echo $?; false | true; echo $?; ! false | true; echo $?; ! true | false; echo $?
x=1; echo 2 | read x; echo $x; echo 3 | { read x; echo $x; }; echo $x
(exit 3) | (exit 4); echo $?; { exit 5; } | cat; echo $?
echo a | while read l; do echo "<$l>"; y=set; done; echo ${y-unset}
yes 2>/dev/null | head -n 1; echo $?; echo x |
cat
echo y |

cat
echo z | # comment
cat
! echo neg; echo $?
f() { cat; }; echo to f | f; echo n | if true; then cat; fi; echo m | for i in 1; do cat; done; echo k | case x in x) cat;; esac
echo e >&2 2>&1 | cat; { echo o; echo e >&2; } 2>&1 | sort
cat <<E | tr a-z A-Z
here
E
sh -c 'exit 2' | sh -c 'exit 3' | true; echo $?
