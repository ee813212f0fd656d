trap 'echo outer exit' EXIT
trap 'echo usr1' USR1
(trap)
(trap 'echo inner exit' EXIT; echo in)
(trap 'echo inner usr1' USR1; sh -c "kill -USR1 $$"; echo still)
x=$(trap 'echo of the substitution' EXIT; echo body); echo "[$x]"
(exit 3); echo $?
{ trap 'echo group' EXIT; }
trap
(trap - EXIT; echo quiet)
trap '' USR2; (trap; kill -USR2 $$; echo alive)
( (trap 'echo deepest' EXIT); echo deep )
echo last | (trap 'echo after the pipe' EXIT; cat)
