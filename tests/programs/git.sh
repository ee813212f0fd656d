#!/bin/bash
# Packages: bash git coreutils less sed grep tar
# A repository's life: commits, branches, merge and conflict, rebase, stash, clone, fetch, gc, bisect.
export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z' GIT_PAGER=cat HOME=$PWD
git config --global user.name N; git config --global user.email n@example.org; git config --global init.defaultBranch main; git config --global advice.detachedHead false
git init -q r; cd r; seq 1 50 >f; mkdir d; echo x >d/g; ln -s f l; echo '#!/bin/sh' >e; chmod +x e; git add .; git commit -qm first; git log --stat; git rev-parse HEAD; git status -s
sed -i s/^7$/seven/ f; git diff; git commit -qam second; git checkout -qb side HEAD~1; sed -i s/^30$/thirty/ f; git commit -qam side; git checkout -q main; git merge -q -m merged side; git log --oneline --graph; git show --stat HEAD | cat
git checkout -qb c1; sed -i s/^40$/A/ f; git commit -qam A; git checkout -q main; sed -i s/^40$/B/ f; git commit -qam B; git merge c1; git diff | head -n 12; git checkout --ours f; git commit -qam resolved
git stash list; echo stash >>f; git stash -q; git stash pop | tail -n 1 | cut -c1-7; git checkout f; git tag -a v1 -m tag; git describe; git blame -s f | sed -n 7p; git grep -n seven; git branch -a; git mv d/g d/h; git rm -q e; git commit -qm moved; git log --follow --format=%s d/h
git checkout -qb rb HEAD~2; echo rb >new_rb; git add .; git commit -qm rb; git rebase -q main; git log --oneline | wc -l; git checkout -q main; cd ..
git clone -q r c; git -C c log --format=%s | head -n 2; git clone -q --bare r b.git; git -C c remote add b ../b.git; echo y >c/new; git -C c add new; git -C c commit -qm new; git -C c push -q b main; git -C b.git log --format=%s -1
git -C r pull -q ../b.git main; ls r; git -C r gc -q; git -C r fsck; git -C r count-objects -v | grep packs; git clone -q file://$PWD/b.git f; git -C f rev-parse HEAD; git -C r archive HEAD | tar t | sort
cd r; git bisect start -q HEAD HEAD~3 >/dev/null; git bisect run true | tail -n 1 | cut -c1-20; git bisect reset -q; git worktree add -q ../w side; ls ../w; git format-patch -q -1; ls 0001*; git notes add -m n; git notes show
git bundle create -q ../x.bundle --all; git bundle verify -q ../x.bundle | head -n 2; cd ..; git -C nosuch status; echo $?; git init -q big; cd big; for i in {1..300}; do echo $i >f$i; done; git add .; git commit -qm big; git repack -adq; git ls-files | wc -l; git status --porcelain | wc -l
