"""The distribution's busybox, unmodified, used as people use it: what it prints here must be what the
same binary prints on Linux."""
import os
import sys

import pytest

from machine import ROOT, Machine, make_initrd, make_iso, work_dir

sys.path.insert(0, os.path.join(ROOT, "tests", "system"))
import linux_host

# Each runs in an empty directory, in busybox's own shell, with its applets as the only commands.
SCRIPTS = {
    "text": r"""
seq 1 100 > n; awk '{s+=$1; if ($1%2) o++} END {print s, o, NR}' n
sed -n 's/^\(.\)0$/<\1>/p' n; sed '5,95d;s/1/one/g' n; grep -c 7 n; grep -v '[0-8]' n; grep -E '^(1|2)5$' n
sort -rn n | head -n 3; tail -n 2 n; wc n; tr 0-9 a-j < n | tail -n 1; cut -c2 n | sort | uniq -c | sort -rn | head -n 2
printf 'b 2\na 1\nc 3\n' | sort | tee t | rev; paste n n | tail -n 1; nl t; fold -w 2 t | head -n 3; tac t; expand t | md5sum
printf '%05d|%-5s|%x\n' 42 ab 255; echo 'a:b:c' | awk -F: '{print $3 $1}'; cat t | cut -d' ' -f2 | xargs echo got
""",
    "files": r"""
mkdir -p a/b/c; echo one > a/1; echo two > a/b/2; ln -s ../1 a/b/link; ln a/1 a/b/c/hard; touch -d '2020-01-02 03:04:05' a/1
find a | sort; find a -type f -name '[12]' | sort; find a -type l; stat -c '%n %s %h %F' a/1 a/b/link; stat -c %Y a/1; readlink a/b/link; cat a/b/link
cp -a a copy; diff -r a copy && echo same; chmod 640 copy/1; ls -l copy/1 | cut -c1-10; mv copy moved; ls -R moved; du -a moved | cut -f2 | sort
rm -r moved/b; find moved | sort; test -e moved/b || echo gone; basename a/b/2; dirname a/b/2; realpath a/../a/1 | sed 's|.*/||'
rmdir a; echo $?; cat nosuch; echo $?; rm -f nosuch; echo $?; mkfifo p; ls -l p | cut -c1; cmp a/1 a/b/2; echo $?
""",
    "archives": r"""
mkdir d; seq 1 5000 > d/n; dd if=/dev/zero of=d/z bs=1000 count=37 2>/dev/null; echo x > d/x; ln -s x d/l; ln d/x d/h
tar cf t.tar d; tar tf t.tar | sort; mkdir out; tar xf t.tar -C out; diff -r d out/d && echo same; tar czf t.tgz d; tar tzf t.tgz | wc -l
gzip -k d/n; gunzip -c d/n.gz | cmp - d/n && echo same; bzip2 -k d/n && bunzip2 -c d/n.bz2 | md5sum; md5sum d/n; sha256sum d/n d/z
find d | sort | cpio -o -H newc 2>/dev/null | cpio -t 2>/dev/null | sort; dd if=d/n bs=7 skip=3 count=2 2>/dev/null; echo
od -c d/x; hexdump -C d/x; base64 d/x; uuencode x < d/x
truncate -s 100000 d/z; wc -c < d/z; head -c 20000 d/n | tail -c 10; echo; yes | head -n 10000 | wc -l
""",
    "shell": r"""
f() { local x=$1; [ "$x" -le 1 ] && echo 1 && return; echo $((x * $(f $((x - 1))))); }; f 6
for i in a b c; do case $i in b) continue;; *) echo $i;; esac; done; i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i
cat << END | tr a-z A-Z
here $i
END
(exit 3); echo $?; false || echo or; true && echo and; ! true; echo $?; x=abc; echo ${x#a} ${x%c} ${#x} ${y:-none}; set -- 1 2 3; shift; echo $# $*
trap 'echo trapped' USR1; kill -USR1 $$; trap 'echo bye' EXIT; echo a b | while read p q; do echo $q $p; done; echo $(echo nested $(echo deep))
sleep 0.1 & wait $!; echo waited $?; (sleep 5 & kill $!; wait $!; echo killed $?) 2>/dev/null; exec 3> out; echo three >&3; exec 3>&-; cat out
echo {1..3} [a-z]ut; ls nosuch 2>&1 >/dev/null | wc -l; echo err >&2 2>/dev/null; type cd | head -n 1; eval 'echo eval'; unset x; echo "${x-unset}"
""",
    "jobs": r"""
# What the shell says of a job depends on whether it ended before the shell waited for it: here it always has.
gone() { while test -e /proc/$1; do sleep 0.01; done; }
set -m; sleep 10 & jobs | sed 's/ *$//'; kill %1; gone $!; wait %1; echo $?; jobs > /dev/null; sleep 1 & fg > /dev/null; echo fg $?
sleep 10 & kill -STOP %1; until jobs | grep -q Stopped; do sleep 0.01; done; bg %1 > /dev/null; kill -TERM %1; gone $!; wait %1; echo $?
seq 1 3 | while read n; do sleep 0.05 & done; wait; echo all; timeout 0.2 sleep 5; echo $?; (ulimit -n 20; ulimit -n)
""",
    "system": r"""
id -u; whoami; pwd | sed 's|.*/||'; env -i A=1 env; expr 6 \* 7; test -t 1 || echo pipe; echo $HOME; nproc > /dev/null && echo nproc
date -u -d @86400 '+%Y-%m-%d %H:%M:%S'; cal 2 2024; factor 1001; echo '2^10' | bc; echo 3 4 + p | dc; time -f %x true 2>&1 | head -n 1
pidof nosuch; echo $?; ps -o pid,comm > p; grep -c 'ps$' p; cat /proc/self/comm; wc -l < /proc/self/status | grep -c '[0-9]'; kill -l 9; sync; echo synced
which sed | sed 's|.*/||'; xargs -n 2 echo < /dev/null; seq 1 5 | xargs -n 2; seq 1 3 | xargs -I{} echo '<{}>'; yes x | head -n 3 | uniq -c; tty > /dev/null; echo $?
""",
}


def wrapped(name):
    return (f"#!/bin/busybox sh\nbb=/bin/busybox; PATH=/tmp/bb-applets; export PATH; export HOME=/root TZ=UTC LC_ALL=C\n"
            f"$bb mkdir -p $PATH; $bb --install -s $PATH\n"
            f"$bb rm -rf /tmp/bb-{name}; mkdir /tmp/bb-{name}; cd /tmp/bb-{name} || exit 9\n{SCRIPTS[name]}\ncd /; rm -rf /tmp/bb-{name}; $bb rm -r $PATH\n")


@pytest.fixture(scope="module")
def scripts():
    directory = work_dir("busybox")
    paths = {name: os.path.join(directory, name + ".sh") for name in SCRIPTS}
    for name, path in paths.items():
        with open(path, "w") as f:
            f.write(wrapped(name))
        os.chmod(path, 0o755)
    return directory, paths


@pytest.fixture(scope="module", params=["bios"])
def m(request, scripts):
    directory, paths = scripts
    initrd = make_initrd(directory, {f"/t/{name}.sh": path for name, path in paths.items()})
    iso = make_iso(directory, "console=tty0 console=ttyS0 loglevel=1", initrd=initrd)
    with Machine(request.param, iso=iso) as machine:
        yield machine.boot()


@pytest.mark.parametrize("name", list(SCRIPTS))
def test_same_as_linux(m, scripts, name):
    want, status = linux_host.run(["/bin/busybox", "sh", f"./{name}.sh"], cwd=scripts[0])
    m.run(f"cd /t; busybox sh ./{name}.sh > /tmp/out 2>&1; echo status $? >> /tmp/out; cd /")
    got = m.run("cat /tmp/out").split("\x1b")[0]
    assert ": not found" not in want, want
    assert got.rstrip("\n").split("\n") == want.rstrip("\n").split("\n") + [f"status {status}"]
