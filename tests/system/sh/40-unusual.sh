if { true; } then echo a; fi; { echo b; }; for x do echo never; done; set a b; for x do echo $x; done; true&&echo c;echo d;(echo e);! { false; }; echo $?
