cd "$(mktemp -d)" || exit
mkdir -p d/e .h; touch a b ab 'a b' .dot d/x d/e/y '[x]' '*' 'q?' ./-z 'back\slash'
echo *; echo */; echo */*; echo d/*/y; echo [ab]; echo [!ab]; echo ?; echo ??; echo a*; echo "*"; echo \*; echo '['*
echo [*]; echo [?]*; echo *[?]; echo nosuch*; echo [a; echo ./*a*; echo .[!.]*; echo d/.*; echo [[]x]; echo -*
x='*'; echo $x; echo "$x"; x='a*'; echo $x; for i in a*; do echo "<$i>"; done; x=*; echo "$x"
set -f; echo *; set +f
echo /nosuch/*; echo */nosuch; echo [[:lower:]]; echo [a-b]*; echo *b
case a in *) echo case;; esac; y="a "*; echo "$y"; echo a\ *; echo "a "*
rm -r "$PWD"
