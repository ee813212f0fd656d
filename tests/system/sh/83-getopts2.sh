p() { OPTIND=1; while getopts "$o" x; do echo "$x ${OPTARG:-none} "; done 2>/dev/null; echo "end $x $OPTIND"; shift $((OPTIND-1)); echo "rest: $*"; }
o=ab:c; p -a -b val -c rest; p -abval -c; p -ac -- -b; p -b; p -z; p x -a; p; p -; p -a - b
o=:ab:c; p -a -b val; p -b; p -z; p -az
o=a:; p -a '' x; p -a -- x; p '-a b'
set -- -x 1; OPTIND=1; while getopts x: v; do echo $v $OPTARG; done; echo $OPTIND
OPTIND=1; set -- -a -b; getopts ab v; echo $v; getopts ab v; echo $v; getopts ab v; echo $? $v
OPTIND=1; getopts ab v -b; echo $v
(getopts) 2>/dev/null; echo $?
