t() { sh -c "$1" 2>/dev/null; echo "= $?"; }
t 'exit'; t 'false; exit'; t 'exit 0'; t 'exit 255'; t '(exit 5); exit'; t 'exit 3; echo no'; t '(exit 4)'; t '(exit 4); echo $?'
t 'exit abc; echo no'; t 'f() { exit 6; }; f; echo no'; t 'x=$(exit 7); exit'; t '{ exit 8; }'; t 'if exit 9; then :; fi'; t 'exit 2 | true'; t 'true | exit 2'; t 'exit 3 & wait $!; exit'
t 'trap "exit 4" EXIT; exit 5'; t 'exec true; echo no'; t 'exec sh -c "exit 6"'; t 'exec nosuch; echo no'; t 'exec /; echo no'; t 'nosuch'; t '/nosuch'; t '/'; t './nosuch || echo $?'
t 'f() { (return 4); echo $?; }; f'; t 'while exit 3; do :; done'; t '! exit 3'; t ':; exit'; t ''; t ' '; t '#'; t 'false
'; t '! false'; t '! true'; t 'eval exit 5'; t 'command exit 5; echo no'
