echo 'v=sourced; return 3; echo never' >/tmp/dot.$$; . /tmp/dot.$$; echo $? $v; rm /tmp/dot.$$
mkdir /tmp/dot.$$; echo 'echo in PATH, not executable' >/tmp/dot.$$/part; (PATH=/tmp/dot.$$:$PATH; . part; cd /tmp/dot.$$ && mkdir d && echo 'echo first' >d/part; PATH=d:$PATH; . part); rm -r /tmp/dot.$$
