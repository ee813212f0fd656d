echo "$(echo a; echo b)"; echo $(echo a; echo b); echo "$(printf 'a\n\n\n')|"; echo "$(printf '\n\na')"; x=$(printf ' a '); echo "[$x]"
echo $(echo '$x') "$(echo "$(echo "in in")")" `echo \`echo nested\`` "`echo "q q"`" `echo '\\$x'` "`echo \\\\a`"
echo $(case a in a) echo c;; esac) $(case a in (a) echo p;; esac) $(echo ')') $(echo "(") $( (echo sub) ) $(# comment )
echo after)
y=1; echo $(y=2; echo $y) $y; x=$(exit 4); echo $?; x=$(true)$(false); echo $?
echo $(<&0 cat </dev/null) x; echo "a$(echo)b"; echo "$(cat <<E
here "quotes' )
E
)"
set -- $(echo 'a b' "c d"); echo $#; set -- "$(echo 'a b' "c d")"; echo $#; echo $(echo \*) "$(echo '*')"
echo $(echo a) b$(echo c)d"$(echo e)"; a=$(f() { echo fn; }; f); echo $a; f 2>/dev/null || echo no f
echo $((1 + $(echo 2))) "${n:-$(echo def)}" ${z:=$(echo set)} $z; echo $( ( echo a ) | cat )
echo "$(echo "a
b" | wc -l)" | tr -d ' '; `echo echo` run; $(echo echo a b); $(true); echo $?; $(false); echo $?; $(exit 5) ; echo $?
