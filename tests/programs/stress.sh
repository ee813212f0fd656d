#!/bin/bash
# Packages: bash stress-ng sed coreutils
# The stressors that need no device, a fixed number of operations each. Not mutex: its threads make themselves real-time,
# and where there is one CPU the first may do all of the work before its maker has counted it: it made none, then it says.
while read -r name rest; do
    case $name in '' | '#') continue ;; esac
    stress-ng --quiet --timeout 60 --temp-path . --$name ${rest:-1 --$name-ops 20} >out 2>&1; echo "$name $?"; sed -E 's/\[[0-9]+\]/[]/' out
done <<'T'
cpu 2 --cpu-ops 20
pthread 2 --pthread-ops 50
pipe 2 --pipe-ops 2000
futex 2 --futex-ops 1000
yield 2 --timeout 2
switch 1 --switch-ops 2000
vm 1 --vm-bytes 4M --vm-ops 5
mmap 1 --mmap-bytes 4M --mmap-ops 5
malloc 2 --malloc-bytes 1M --malloc-ops 500
mremap 1 --mremap-bytes 4M --mremap-ops 10
memfd 1 --memfd-bytes 4M --memfd-ops 5
fault
madvise 1 --madvise-ops 2
signal
sigsegv
sigfpe
sigq
sigsuspend
sigabrt
sigchld
sigio 1 --timeout 2
sigpending
sigtrap
kill
wait
timer
timerfd
itimer
nanosleep 1 --nanosleep-ops 5
clock
exec
daemon
zombie
poll
epoll
eventfd
sem 1 --timeout 2
schedpolicy
affinity
hdd 1 --hdd-bytes 1M --hdd-ops 20
dentry
dir
link 1 --link-ops 2
symlink 1 --symlink-ops 2
rename
fstat
chmod
chown
chdir 1 --chdir-ops 2
seek
fallocate 1 --fallocate-bytes 1M --fallocate-ops 5
fifo
dup
fcntl
getdent
io
utime
urandom
zero
null
procfs 1 --procfs-ops 1
get
sysinfo
set
prctl 1 --prctl-ops 5
session
open
close
membarrier
personality 1 --personality-ops 2
mlock
mprotect
munmap
msync
mincore
getrandom
kcmp
ptrace
tsc
atomic
access
filename
mknod
rlimit
stack 1 --stack-ops 1
userfaultfd
vdso
inotify 1 --timeout 2
flock
lockf
lockofd
locka
sendfile
xattr 1 --timeout 2
shm 1 --shm-ops 2
sock
sockfd
sockmany
udp 1 --timeout 2
dev-shm 1 --timeout 1
T
