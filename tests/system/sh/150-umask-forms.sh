cd "$(mktemp -d)" || exit
umask 022; umask; umask -S
umask 0; umask; umask -S; umask 777; umask; umask -S
umask u=rwx,g=rx,o=; umask; umask -S
umask g+w; umask; umask a-w; umask; umask u=rwx,go=; umask; umask -S
umask a=rx; umask; umask +r; umask
umask 027; (umask 0; umask); umask
>f; mkdir d; ls -ld f d | cut -c1-10
umask u=x,g=w; umask
$(umask 0); umask
cd /; umask 022
