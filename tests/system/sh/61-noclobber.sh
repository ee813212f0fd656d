d=$(mktemp -d) && cd $d || exit
echo a > f
set -C
(echo b > f) 2>/dev/null; echo $?; cat f
echo c >| f; cat f
echo d >> f; cat f
echo e > new; cat new
echo x > /dev/null; echo $?
case $- in *C*) echo C;; esac
set +C
echo g > f; cat f
set -o noclobber
(: > f) 2>/dev/null; echo $?
set +o noclobber; : > f; wc -c < f
cd /; rm -r $d
