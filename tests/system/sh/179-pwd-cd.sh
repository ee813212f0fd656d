d=$(mktemp -d); cd "$d" || exit; mkdir -p a/b; ln -s a l
cd l; pwd | sed "s,$d,D,"; pwd -P | sed "s,$d,D,"; cd ..; pwd | sed "s,$d,D,"; cd -P l; pwd | sed "s,$d,D,"; cd "$d"
cd a/b; cd - >/dev/null; pwd | sed "s,$d,D,"; echo "$OLDPWD" | sed "s,$d,D,"
cd ./a/../a/./b//; pwd | sed "s,$d,D,"; cd ../..; pwd | sed "s,$d,D,"
cd nosuch 2>/dev/null; echo $? | sed 's/[12]/fails/'; cd a; HOME=$d; cd; pwd | sed "s,$d,D,"
CDPATH=$d/a; cd b >/dev/null; pwd | sed "s,$d,D,"; unset CDPATH
cd /; pwd; cd /tmp/..; pwd; cd "$d"; (cd a); pwd | sed "s,$d,D,"; cd l/..; pwd | sed "s,$d,D,"
cd a; rmdir ../a/b; cd ..; rm l; rmdir a; cd /; rmdir "$d"
PWD=wrong; cd /tmp; pwd; cd -- /; pwd
