trap 'echo exit' EXIT
trap 'echo usr1' USR1; kill -USR1 $$; echo after
trap '' USR2; kill -USR2 $$; echo survived
trap - USR1
trap
(trap 'echo sub exit' EXIT; echo in sub)
(trap; echo listed)
trap 'echo "st $?"' USR1; (exit 3); kill -USR1 $$; echo $?
f() { trap 'echo from f' TERM; }; f; kill -TERM $$
trap 'x=set' HUP; kill -HUP $$; echo $x
trap - HUP TERM USR1 USR2
trap 'echo 1; echo 2' INT; kill -INT $$
trap "echo it's" INT; trap
trap 0; trap 'echo final' 0
(kill -TERM $$ ) ; echo never
