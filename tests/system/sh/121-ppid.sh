[ -n "$PPID" ] && echo ppid
sh -c '[ "$PPID" = "$1" ] && echo parent' sh $$
