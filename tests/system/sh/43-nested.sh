x=a; echo "${x:+"$(echo "in $x")"}" "${u:-${x:-y}}" "$(echo "$(echo "}")")" "${u:-'q'}" ${u:-'q r'} "`echo "bq"`"
