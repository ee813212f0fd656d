if true; then echo a; fi; if false; then echo b; else echo c; fi; if false; then echo 1; elif true; then echo 2; else echo 3; fi; if false; then :; fi; echo $?
