#!/bin/bash
# Packages: bash grep sed gawk coreutils diffutils bc file
# grep, sed, awk, diff and bc at work on one text.
seq 1 200 | gawk '{print $1, $1*$1, "line " $1 % 7}' >t
grep -c 'line 3' t; grep -n '^14' t; grep -vE '[0-8]' t; grep -oP '(?<=line )\d' t | sort | uniq -c; grep -r --include='t*' -l '^100 ' .
grep -A1 -B1 '^50 ' t; grep -q nothing t; echo $?; grep -F -x '7 49 line 0' t; grep -w 5 t | head -n 2; printf 'a\0b' | grep -c b; grep -m1 -b 9 t; grep x nosuch; echo $?
sed -n '5p;$p' t; sed '1,195d;s/line/<&>/' t; sed -E 's/([0-9]+) ([0-9]+)/\2 \1/;3q' t; sed -i.bak '2s/.*/two/' t; head -n 3 t; diff t t.bak
sed -n '/^10 /,/^12 /{=;p}' t; sed 'y/lin/LIN/;2!d' t; sed '$!N;s/\n/+/;2q' t; sed -s -n '$=' t t.bak; echo abc | sed 'h;G;s/\n/-/'
gawk 'NR>1{s+=$2} END {print s, NR}' t; gawk '{c[$NF]++} END {n=asorti(c,k); for(i=1;i<=n;i++) print k[i], c[k[i]]}' t
gawk 'BEGIN { printf "%.3f %d %s\n", atan2(0,-1), 2^53, toupper("x"); print substr("hello",2,3), index("abc","c"), length("four")
  "echo pipe" | getline x; print x; print strftime("%Y",0,1); while (("cat t" | getline l) > 0) n++; print n; system("echo system")
  print "to sort 2\nto sort 1" | "sort"; close("sort"); print PROCINFO["pid"] > 0, ENVIRON["HOME"]; exit 3 }'; echo $?; cat 0 1
gawk 'BEGIN { s = "a1b22"; while (match(s, /[0-9]+/)) { print substr(s, RSTART, RLENGTH); s = substr(s, RSTART + RLENGTH) }
  print gensub(/(.)(.)/, "\\2\\1", "g", "abcd"); cmd = "cat"; print "coproc" |& cmd; close(cmd, "to"); cmd |& getline r; print r }'
diff -u t t.bak --label a --label b; diff -y -W 40 <(seq 3) <(seq 2 4); cmp t t.bak; diff3 <(seq 3) <(seq 2 4) <(seq 3); sdiff -s t t.bak | head -n 1
echo 'scale=20; 4*a(1); 2^100; sqrt(2)' | bc -l; file -b t /bin/ls | cut -c1-20; file --mime-type /t/text.sh
