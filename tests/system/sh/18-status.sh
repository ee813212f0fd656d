sh -c 'exit 9'; echo $?; (exit 3); echo $?; nosuchcmd 2>/dev/null; echo $?; /tmp 2>/dev/null; echo $?; sh -c 'kill -TERM $$' 2>/dev/null; echo $?; :; echo $?
