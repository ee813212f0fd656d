true && echo 1 || echo 2; false && echo 3 || echo 4; false || false || echo 5; true && false; echo $?; ! false && echo 6; { false; } || echo 7
