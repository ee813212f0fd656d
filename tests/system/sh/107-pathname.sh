d=$(mktemp -d) && cd $d || exit
mkdir -p a/b/c x.d; touch a/1 a/2 a/b/3 x.d/f y.txt 'q?' 'r[1]' .dot
echo */* ; echo */*/*; echo a/[12] a/[!1]; echo [a-x]*; echo *.txt *.none
echo 'q?' q\? "q?" q? r\[1\] r[[]1]
echo .[!.]* ; echo a/b/../b/*
echo "a"/* a/"*"; echo $d/*.txt | sed "s|$d|D|"
p='a/*'; echo $p "$p"; for f in $p; do echo "$f"; done
set -- *; echo $#
echo ././*.txt; echo a//1
echo [[:lower:]].txt [[:upper:]]* [[:digit:]]
echo *[.]*; echo \*; echo '*'*
set -f; echo *; set +f
mkdir z; cd z; echo *; echo .*/ 2>/dev/null | wc -w
cd /; rm -r $d
