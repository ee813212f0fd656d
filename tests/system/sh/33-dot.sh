echo 'v=sourced; return 3; echo never' >/tmp/dot.$$; . /tmp/dot.$$; echo $? $v; rm /tmp/dot.$$
