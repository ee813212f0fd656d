show() { while getopts ab:c o "$@"; do case $o in b) echo "$o $OPTARG";; *) echo "$o";; esac; done; echo "end $o $OPTIND"; }
show -a -b x -c; OPTIND=1; show -abx -c rest; OPTIND=1; show -ab x rest; OPTIND=1; show -- -a; OPTIND=1
show -a -- -c; OPTIND=1; show - -a; OPTIND=1; show rest -a; OPTIND=1; show; OPTIND=1
f() { OPTIND=1; while getopts :xy: o; do case $o in :) echo "missing $OPTARG";; \?) echo "unknown $OPTARG";; *) echo "$o $OPTARG";; esac; done; shift $((OPTIND - 1)); echo "rest $*"; }
set --
set -- -a -b 1; OPTIND=1; while getopts ab: o; do echo $o; done; shift $((OPTIND - 1)); echo $#
set -- -c; OPTIND=1; getopts ab: o 2>/dev/null; echo "$? $o ${OPTARG-none}"
OPTIND=1; getopts ab: o -b 2>/dev/null; echo "$? $o"
OPTIND=2; getopts ab o -a -b; echo "$o $OPTIND"
OPTIND=1; set --; getopts a o; echo "$? $o"
f() { OPTIND=1; while getopts :xy: o "$@"; do case $o in :) echo "missing $OPTARG";; \?) echo "unknown $OPTARG";; *) echo "$o $OPTARG";; esac; done; shift $((OPTIND - 1)); echo "rest $*"; }
f -x -y val a b; f -y; f -z -x; f -xz; f -yval -x; f -x-
