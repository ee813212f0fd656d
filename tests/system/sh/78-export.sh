A=1; sh -c 'echo ${A-unset}'; export A; sh -c 'echo $A'
export B=2 C="3 4"; sh -c 'echo $B $C'
A=5; sh -c 'echo $A'
unset A; sh -c 'echo ${A-unset}'
D=x sh -c 'echo $D'; echo ${D-unset}
D=x; D=y sh -c 'echo $D'; echo $D
E=1 F=2 sh -c 'echo $E$F'
G=1 G=2 sh -c 'echo $G'
H=1 eval 'echo $H'; echo ${H-unset}
I=1 :; echo ${I-unset}
J=1 true; echo ${J-unset}
K=1 cd /; echo ${K-unset}
x='a b'; export L=$x; echo "$L"
export "M=$x"; echo "$M"
(export 1bad=2) 2>/dev/null; echo $?
N=; export N; sh -c 'echo [${N-unset}]'
O=$(echo sub) sh -c 'echo $O'
P=1; f() { P=2; sh -c 'echo $P'; }; export P; f; echo $P
Q=$Q:/x; Q=$Q:/y; echo $Q
export R; R=later; sh -c 'echo $R'
(unset PATH; ls) 2>/dev/null; echo $?
env -i A=1 /bin/sh -c 'echo $A'
