n() { echo "$#"; for a; do printf '<%s>' "$a"; done; echo; }
e=; n $e; n "$e"; n $e$e; n "$e"$e; n a $e b; n a "$e" b; n $e"" x; n ""; n '' ""; n $(true); n "$(true)"; n `:`; n ${e:-}; n "${e:-}"
n $e a; n ${e:+x} y; n ${u-} z; n "${u-}" z; n $((0)); n a$e; n "a$e"; n $e"$e"$e; n ''$(true)''
s='   '; n $s; n "$s"; n a$s; n $s"b"; n $s$s; t=' x '; n $t; n a$t"b"; n $t$t; n "$t"$t
