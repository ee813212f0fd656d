umask 022; umask; umask -S
umask 077; umask -S; umask u=rwx,g=rx,o=; umask; umask g+w; umask; umask o=r; umask -S
umask a=rx; umask; umask u+w; umask; umask +x; umask; umask go-rx; umask
umask 0; umask; umask -S; umask u=,g=,o=; umask
umask 22; umask
(umask 999) 2>/dev/null; echo $?
(umask zz) 2>/dev/null; echo $?
(umask 077); umask
umask u-w,g-r; umask
