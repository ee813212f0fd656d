#!/bin/bash
# Packages: bash coreutils diffutils libc-bin
# One use at least of (nearly) every program of coreutils.
seq 1 20 >n; base32 <<<hi; base64 <<<hello; basename /a/b.c .c; basenc --base16 <<<x; cat -A <<<$'a\tb'; cksum n
comm <(seq 1 4) <(seq 3 6); csplit -s n 5 10; ls; cut -d1 -f2 n | head -n 2
cp -av n m; cp --reflink=auto --sparse=always n s; cmp n s; date -u -d @1000000000 +%c; dd if=n of=o bs=3 count=2 2>&1 | head -n 2
dircolors -b | head -c 9; echo; dirname /a/b/c; du -b n; env -u HOME env | grep -c HOME
echo -e 'a\x41'; expand <<<$'\tx'; expr 3 + 4 \* 2; expr abc : 'a\(.\)'; factor 1234567890 97; fold -w 5 <<<abcdefgh
fmt -w 20 <<<'several words that are to be filled into lines'; groups; head -c 5 n; id -u; id -gn
install -m 600 -D n i/j/k; stat -c '%a %s %F %n' i/j/k; join <(seq 1 3) <(seq 2 4)
link n hard; ln -s n soft; ln -sfr n rel; readlink rel soft; ls -l n hard soft | tr -s ' ' | cut -d' ' -f1,2,3,4,5,9-
ls -la --time-style=+ . | wc -l; ls -i n hard | cut -d' ' -f1 | sort -u | wc -l
md5sum n; sha1sum n; sha224sum n; sha256sum n; sha384sum n; sha512sum n; b2sum n; sum n; md5sum n >c; md5sum -c c
mkdir -p -m 750 p/q; stat -c %a p p/q; mkfifo f; stat -c %F f; (echo through >f &); cat f; mknod nod p; stat -c %F nod
mknod null c 1 3 && stat -c '%F %t %T' null; t=$(mktemp -p .); stat -c '%a %s' $t; rm $t; mktemp -d -p . >/dev/null; ls -d tmp.* | wc -l
mv -v m moved; nice -n 5 nice; nl n | tail -n 1; nohup echo hup; numfmt --to=iec 123456789; od -An -tx1z <<<od; paste n n | tail -n 1
pathchk -p 'a:b'; echo $?; pr -t -2 -l 5 n | head -n 2; printenv HOME; printf '%b %5.2f %q\n' 'a\n' 3.14159 'q q'
ptx <<<'one two' | wc -l; pwd; realpath ../coreutils/n; rm -v moved; rmdir -v --ignore-fail-on-non-empty p/q p; seq -w 8 10; seq 0.5 0.5 1.5
shred -u -n 1 o && ls o; shuf -i 1-5 | sort -n | tr '\n' ' '; sleep 0.01
printf 'b 2\na 10\nc 1\n' >so; sort so; sort -k2n so; sort -k2,2 -r so; sort -u n | wc -l; sort --parallel=4 -S 1M <(seq 50000 -1 1) | head -n 1
split -l 7 n sp; ls sp*; stat -f -c %T . >/dev/null && echo statfs; stdbuf -oL echo buf; sync n; tac n | head -n 1; tail -n 2 n; tail -c +48 n
tee t1 t2 <<<tee; cat t1 t2; test 1 -lt 2 && echo lt; timeout 0.1 sleep 60; echo $?; timeout -s KILL 0.1 sleep 60; echo $?
touch -d '2001-02-03 04:05:06.789' x; stat -c '%y' x; touch -r x y; stat -c %Y y; tr -s a b <<<aaa; tr -d 0-9 <<<a1b2
truncate -s 1M big; stat -c '%s %b' big; tsort <<<'a b b c'; tty; uname -sm; unexpand -a <<<'        x'; uniq -c <<<$'a\na\nb'; unlink y
vdir n | wc -l; wc n; wc -L n; yes y | head -n 2; [ -e x ] && echo bracket; arch
chmod u+s,go-rwx x; stat -c %A x; chown 1:2 x; stat -c '%u %g' x; chgrp 3 x; stat -c %g x; chroot / /bin/true; echo $?
tail -f n >tf & until [ -s tf ]; do sleep 0.05; done; echo more >>n; until [[ $(<tf) == *more ]]; do sleep 0.05; done; kill $!; tail -n 1 tf; rm tf
cp -r i i2; rm -r i; ls i; cp nosuch x; mv x nosuch/y; mkdir n; rmdir i2; ln n n; cat .; ls -R i2; cp --preserve=all -r i2 i3; diff -r i2 i3 && echo equal
mv -n n t1; ls n; mv -T i3 i4; ls -d i3; ls --color=always -F soft f null; cp -u n hard; cp -l n hl; stat -c %h hl; cp -s /tmp/coreutils/n sl; readlink sl
truncate -s 10G huge; stat -c %s huge; dd if=/dev/zero of=huge bs=1 seek=9G count=1 conv=notrunc status=none; du huge; rm huge
head -c 1M /dev/zero | md5sum; head -c 100 /dev/urandom | wc -c; stty size; cp /etc/passwd /dev/null; dd if=/dev/zero bs=1M count=3 2>/dev/null | wc -c
df . >/dev/null && echo df; df -P / | wc -l; nproc >/dev/null && echo nproc; who; users; logname; hostid | wc -c; uptime >/dev/null || true; kill -l HUP; pinky | wc -l
