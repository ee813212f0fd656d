usage() { echo "usage" ; }
run() { OPTIND=1; a= b= ; while getopts ab:h o; do case $o in a) a=1;; b) b=$OPTARG;; h) usage;; \?) echo bad;; esac; done 2>/dev/null; shift $((OPTIND-1)); echo "a=$a b=$b rest=$*"; }
run; run -a; run -b x; run -bx y; run -ab x -- -a; run -a file -b x; run -h -a; run -z; run -b; run -- ; run -a -- -b; run -aab q r
OPTIND=1; while getopts :x: o -x 1 -y -x; do echo "$o:$OPTARG"; done
set -- -ab; OPTIND=1; getopts ab o; echo $o; getopts ab o; echo $o $OPTIND
