#!/bin/bash
# Packages: bash coreutils sed diffutils
# What bash has beyond POSIX: arrays, coprocesses, process substitution, pipefail, globs, reads with time-outs.
a=(one two three); a+=(four); echo ${#a[@]} ${a[@]:1:2} ${!a[@]} "${a[-1]}"
declare -A h=([x]=1 [y]=2); for k in $(printf '%s\n' "${!h[@]}" | sort); do echo $k=${h[$k]}; done
diff <(seq 1 5) <(seq 1 6); exec {w}> >(sed 's/^/sed: /' >t); e=$!; echo word >&$w; exec {w}>&-; wait $e; cat t
coproc cat; echo to coproc >&${COPROC[1]}; read -r line <&${COPROC[0]}; echo $line; eval "exec ${COPROC[1]}>&-"; wait
set -o pipefail; false | true; echo $?; set +o pipefail; false | true | (exit 3) | true; echo ${PIPESTATUS[@]}
[[ abc123 =~ ^([a-z]+)([0-9]+)$ ]] && echo ${BASH_REMATCH[1]} ${BASH_REMATCH[2]}; [[ -p /dev/stdin ]] || echo no pipe
shopt -s extglob nullglob globstar; mkdir -p d/e/f; touch d/1 d/e/2 d/e/f/3
echo **/[0-9] nosuch*; echo !(t); echo {a,b}{1..3} {01..10..3}
x='Hello World'; echo ${x^^} ${x,,} ${x/World/There} ${x//o/0} ${x:6} ${x@Q}
printf -v v '%(%Y-%m-%d)T %q' 0 'a b'; echo $v; echo $((2**40)) $((0x1f & ~3)) $((16#ff))
read -t 0.1 -r nothing < <(sleep 3); echo $(($? > 128)); read -n 3 three <<<abcdef; echo $three; mapfile -t m < <(seq 3); echo ${m[*]}
trap 'echo err $?' ERR; false; trap - ERR; trap 'echo int' INT; kill -INT $BASHPID; trap - INT
f() { local -n ref=$1; ref=changed; return 7; }; f x; echo $? $x; (time -p true) 2>&1 | wc -l
(ulimit -c 0; ulimit -v 1000000 && echo limited; ulimit -n 30; ulimit -n); exec {fd}>out; echo fd >&$fd; exec {fd}>&-; cat out
set -m; sleep 10 & disown; kill $!
sleep 30 & jobs %sleep | sed 's/^\[.\]. *//; s/ *$//'; kill -STOP %sleep; kill -CONT %sleep; kill %sleep; wait $! 2>/dev/null; echo $?; set +m
for i in {1..20}; do (exit $i) & p[i]=$!; done; for i in {1..20}; do wait ${p[i]}; s+=$?,; done; echo $s; (exit 6) & wait -n $!; echo $?
grep -c '^12' /etc/debian_version; type -t cd ls f if; compgen -b | head -n 3; help true | head -n 1; echo $BASH_VERSINFO $SHLVL
select w in a b; do echo picked $w; break; done <<<2 2>/dev/null; case x in x) echo fall ;;& ?) echo through ;; esac
echo ${RANDOM:+random} ${EPOCHSECONDS:+epoch}; exec 5<>file; echo rw >&5; cat file; : >/dev/tcp/127.0.0.1/1 || echo no such port
sh -c 'kill -SEGV $$'; echo $?; (trap '' TERM; kill $BASHPID; echo ignored); wait; (sleep 0.1; echo late) & wait; echo done
