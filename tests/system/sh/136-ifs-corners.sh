n() { echo "$#"; for a; do printf '<%s>' "$a"; done; echo; }
s() { IFS=$1; set -f; n $2; unset IFS; set +f; }
s : a:b:c; s : :a; s : a:; s : a::b; s : ::; s : ''; s : :
s ' :' ' a : b '; s ' :' ' : '; s ' :' 'a  b'; s ' :' 'a : : b'; s ' :' ':: a'
s '	 ' ' a	b '; s x axbxxc; s '\' 'a\b'; s '*' 'a*b'; s ab aabbcab
s '
' 'a b
c'
IFS=:; x=a:b; n $x; n "$x"; n $x$x; n $x:$x; n a:b; n ${x}c
n $(echo a:b:); n `echo a:b`; n $((1)):2
IFS=1; n $((212)); n "$((212))"
IFS=' '; x='  a  '; n $x; n b$x; n $x'b'; n b$x"c"; n "$x"; n ''$x''
IFS=; x=' a b '; n $x
