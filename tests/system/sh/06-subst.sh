echo $(echo a b) "$(echo "a  b")" `echo x\`echo y\`` $(echo $(echo deep $(echo er))) "$(printf 'l1\nl2\n\n')"; x=$(exit 3); echo $?; echo "$(case a in a) echo m;; esac)"
