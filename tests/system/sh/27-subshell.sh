x=1; (x=2; cd /tmp; echo $x); echo $x; { x=3; }; echo $x; (exit 2) || echo $?; ( ( echo nested ) ); y=$( (echo s) ); echo $y
