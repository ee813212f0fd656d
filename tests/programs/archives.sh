#!/bin/bash
# Packages: bash tar gzip bzip2 xz-utils zstd coreutils diffutils cpio zip unzip
# Archives made, listed and unpacked; every compressor there and back, with threads.
mkdir -p d/e; seq 1 30000 >d/n; dd if=/dev/zero of=d/z bs=1000 count=370 status=none; ln -s n d/l; ln d/n d/h; mkfifo d/p; chmod 640 d/n
touch -d '2020-02-03 04:05:06' d/n d/z d/p; truncate -s 3M d/sparse
tar --sort=name -cf t.tar d; tar tvf t.tar d/n d/z d/l d/p | sed 's/ [0-9-]* [0-9:]* d.l/ d.l/' | sort; mkdir o; tar xpf t.tar -C o; diff -r --no-dereference d/n o/d/n && stat -c '%a %h %Y' o/d/n
tar df t.tar && echo no difference; tar czf t.tgz d; tar cJf t.txz d; tar cjf t.tbz d; tar -c --zstd -f t.zst d; for f in t.tgz t.txz t.tbz t.zst; do tar tf $f | wc -l; done
tar --sparse -cf s.tar d/sparse; stat -c %s s.tar; tar --delete -f t.tar d/z; tar tf t.tar | grep -c z; tar rf t.tar d/z; tar uf t.tar d; tar -cf - d | tar -xf - -C o --strip-components=1; ls o | sort
tar cf x.tar --exclude='*n' --transform 's/^d/dir/' d; tar tf x.tar | sort; tar -g snap -cf i0.tar d/e; sleep 0.1; touch d/e/new; tar -g snap -cf i1.tar d/e; tar tf i1.tar
tar xf nosuch.tar; echo $?; head -c 1000 t.tgz >bad; tar tzf bad >/dev/null 2>&1; echo $?
for c in gzip bzip2 xz zstd; do $c -q -f -k d/n; done; ls d | sort; zcat d/n.gz | cmp - d/n; bzcat d/n.bz2 | cmp - d/n; xzcat d/n.xz | cmp - d/n; zstdcat d/n.zst | cmp - d/n
xz -l d/n.xz | wc -l; xz -T4 -c d/z | xz -dc | md5sum; gzip -t d/n.gz && gzip -l d/n.gz; zstd -q -T2 -c d/z | zstd -dc | cmp - d/z; xz -t bad; echo $?; gunzip -c bad 2>&1 >/dev/null; bzip2 -t d/n.bz2; echo $?
find d | sort | cpio -o -H newc --quiet >c.cpio; cpio -t --quiet <c.cpio | sort | head -n 3; mkdir c; (cd c && cpio -id --quiet <../c.cpio); cmp d/n c/d/n
rm d/p; zip -qr z.zip d; unzip -l z.zip | tail -n 1 | wc -w; unzip -q z.zip -d u; cmp d/n u/d/n && echo same
