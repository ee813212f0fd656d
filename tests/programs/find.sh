#!/bin/bash
# Packages: bash findutils coreutils
# find and xargs over a tree.
mkdir -p a/{b,c,d}/{1,2}; for d in a/*/*; do seq 1 300 >$d/f; touch -d '2020-01-01' $d/old; ln -s f $d/link; done; chmod 700 a/b; mkfifo a/fifo
find a | sort | md5sum; find a -type f -name 'f' -size +1k | wc -l; find a -type l -lname f | wc -l; find a -newer a/b/1/old -type f | wc -l
find a -perm 700; find a -maxdepth 1 -mindepth 1 | sort; find a -empty | sort | head -n 3; find a -name old -delete; find a -name old | wc -l; find a -type p
find a -samefile a/b/1/f; find a -depth -type d | tail -n 1; find -L a -xtype f | wc -l; find a -path '*/c/*' -prune -o -type f -print | sort
find a -type f -printf '%f %s %m %d %P\n' | sort; find a -type f -exec wc -l {} + | tail -n 1; find a -name f -execdir echo {} \; | sort -u
find a -regex '.*/[12]' | sort; find a -links 1 -user root -group root -type f | wc -l; find a -type f -print0 | xargs -0 -n 2 echo | wc -l
find nosuch; echo $?; find a -mtime +1000 | wc -l; find a -inum 0; find a -fstype none; find / -xdev -maxdepth 1 -name tmp; find /proc/self/ -maxdepth 1 -name stat\* | sort
seq 1 10 | xargs -n 3; seq 1 4 | xargs -P 4 -I{} sh -c 'sleep 0.0{}; echo {}' | sort; echo 'a "b c" d' | xargs -n 1; xargs -a /dev/null -r echo none
seq 1 20000 | xargs echo | wc -l; echo x | xargs -t false; echo $?; xargs --show-limits </dev/null 2>&1 | grep -c POSIX; seq 3 | xargs sh -c 'exit 255'; echo $?
