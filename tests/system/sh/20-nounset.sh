echo ${x-default}; set -u; echo "$#" "$@"; echo $undefined_var; echo after
