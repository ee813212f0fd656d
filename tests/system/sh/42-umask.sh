umask 027; umask; cd /tmp; pwd; cd /; cd - ; echo $OLDPWD
