f() { for i in 1 2 3; do [ $i = 2 ] && return 9; echo $i; done; }; f; echo $?; g() { while :; do return; done; }; false; g; echo $?; for i in 1 2; do eval break; done; echo $i
