#!/bin/bash
# Packages: bash stress-ng sed coreutils
# Stressors of calls that few programs use, a fixed number of operations each.
while read -r name rest; do
    case $name in '' | '#') continue ;; esac
    stress-ng --quiet --timeout 60 --temp-path . --$name ${rest:-1 --$name-ops 20} >out 2>&1; echo "$name $?"; sed -E 's/\[[0-9]+\]/[]/' out
done <<'T'
fork 2 --fork-ops 200
brk 1 --brk-ops 500
sigpipe
vfork
clone
iomix 1 --iomix-bytes 1M --iomix-ops 50
readahead 1 --readahead-bytes 1M --readahead-ops 20
sync-file 1 --sync-file-bytes 1M --sync-file-ops 5
splice
tee
vm-splice
pty 1 --pty-ops 2
shm-sysv 1 --shm-sysv-ops 2
sem-sysv
msg
mq
sockpair
T
