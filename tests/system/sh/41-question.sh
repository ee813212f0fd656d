(: ${x?msg}) 2>/dev/null; echo $?; (: ${x:?}) 2>/dev/null; echo $?; x=1; echo ${x?} ${x:?m}
