d=$(mktemp -d); cd $d; d=$(pwd -P); cd $d
mkdir -p a/b c; ln -s a/b link
cd a; echo ${PWD#$d}; cd ..; echo ${PWD#$d}.
cd link; echo ${PWD#$d}; pwd | sed "s|$d||"; pwd -P | sed "s|$d||"; cd ..; echo ${PWD#$d}.
cd -P link; echo ${PWD#$d}; cd $d
cd link && cd -P ..; echo ${PWD#$d}; cd $d
cd a; cd - | sed "s|$d|D|"; echo ${OLDPWD#$d};
cd $d; cd c; cd - >/dev/null; echo ${PWD#$d}.
(cd nosuch) 2>/dev/null; echo $?
CDPATH=$d/a; cd b | sed "s|$d||"; (cd b >/dev/null; echo ${PWD#$d})
(cd ./b) 2>/dev/null; echo $?
unset CDPATH
HOME=$d/c; cd; echo ${PWD#$d}
cd $d/a/../c/./; echo ${PWD#$d}
cd /; pwd; cd /.; pwd; cd /..; pwd
cd $d; cd ''; echo $?
cd -L a; echo ${PWD#$d}; cd -- ../c; echo ${PWD#$d}
(cd ..; echo ${PWD#$d}.); echo ${PWD#$d}
cd /; rm -r $d
(cd /etc; sh -c 'echo $PWD')
