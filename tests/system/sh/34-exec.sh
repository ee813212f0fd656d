(exec echo replaced; echo never); exec 4</etc/passwd; read l <&4; [ -n "$l" ] && echo got; exec 4<&-; exec sh -c 'echo last'
