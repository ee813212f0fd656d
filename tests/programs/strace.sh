#!/bin/bash
# Packages: bash strace coreutils sed grep
# strace itself: what it prints of a program is what it prints on Linux.
strace -f -e trace=execve,write,exit_group -o l /bin/echo traced; sed -E 's/^[0-9]+ +//; s/0x[0-9a-f]+ .*vars/PTR/' l; strace -e trace=openat,close -o l cat /t/none; grep none l
strace -c -o l true; grep -c execve l; strace -f -e trace=process -o l sh -c 'true; (exit 3)'; grep -c exited l; strace -e signal=all -e trace=kill -o l bash -c 'trap : USR1; kill -USR1 $$' ; grep -c 'SIGUSR1 {' l
strace -y -e trace=read -o l head -c 3 /etc/debian_version | wc -c; grep -c debian_version l; strace -e inject=geteuid:error=EPERM -e trace=none true; echo $?; sleep 3 & until grep -q sleep /proc/$!/comm; do :; done; strace -p $! -o l; grep -c exit_group l; strace nosuch; echo $?
strace -o l sh -c 'kill -SEGV $$'; echo $?; tail -n 1 l | grep -c killed; strace -f -o l bash -c 'true | true & wait'; grep -c 'exited with 0' l; strace -ttt -T -o l true; tail -n 1 l | sed 's/^[0-9.]* //'; strace -e trace=%memory -o l true; grep -c mmap l | sed 's/[0-9][0-9]*/some/'
