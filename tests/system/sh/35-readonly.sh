readonly r=1; echo $r; (r=2) 2>/dev/null; echo $?; unset v; v=1; unset v; echo "[${v-unset}]"; f() { echo f; }; unset -f f; f 2>/dev/null; echo $?
