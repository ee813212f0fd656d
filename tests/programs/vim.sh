#!/bin/bash
# Packages: bash vim-tiny coreutils
# vi without a screen: commands, ranges, undo, swap and backup files.
seq 1 100 >f; vim.tiny -es -N f <<'V'
%s/^1/one/
10,20d
normal Gohello
g/5$/m0
undo
w! g
e f
.!echo filter
r !seq 1 3
wq
V
echo $?; md5sum f g; head -n 3 f; tail -n 3 g; vim.tiny -es -N +'set backup' +'1d' +wq f; ls -A | sort; vim.tiny -es +'w /nosuch/x' +'qa!' f; echo $?; vim.tiny --version | head -n 1
printf 'a\r\nb\r\n' >dos; vim.tiny -es +'set ff=unix' +wq dos; od -c dos | head -n 2; vim.tiny -es +'1,2y' +'put' +'x' f; wc -l f; vim.tiny -es -R +'w' +'qa!' f; echo $?; mkdir d; cd d; vim.tiny -es +'e a' +'normal ix' +'w' +'e b' +'r a' +'wq'; cat b
