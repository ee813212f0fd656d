a='echo "x  y"'; eval $a; eval "$a"; n=v; eval $n=5; echo $v; eval 'for i in 1 2; do echo $i; done'; eval false; echo $?; eval; echo $?
