while getopts ab:c o -a -b val -c rest; do echo "$o ${OPTARG:-none}"; done; echo $OPTIND; f() { OPTIND=1; while getopts :x:y o; do echo "$o ${OPTARG-}"; done; }; f -yx v -z; f -x
