#!/bin/bash
# Packages: bash sqlite3 coreutils
# A data base: transactions in both journal modes, concurrent writers, an index, recursion, backup, damage.
cat >a.sql <<'S'
create table t(id integer primary key, name text, v real);
begin; with recursive c(x) as (select 1 union all select x+1 from c where x<5000) insert into t select x, 'n'||x, x*1.5 from c; commit;
create index i on t(name); select count(*), sum(v) from t; select * from t where name='n4321'; update t set v=0 where id%2; select count(*) from t where v=0;
begin; delete from t; rollback; select count(*) from t; pragma integrity_check; vacuum;
pragma journal_mode=wal; insert into t values(9999,'wal',1); select max(id) from t; pragma wal_checkpoint(truncate); explain query plan select * from t where name='x';
.mode csv
select * from t limit 2;
.backup b.db
select json_extract('{"a":[1,2]}','$.a[1]'), printf('%08.3f', 3.14159), strftime('%Y', 0, 'unixepoch'), hex(zeroblob(2)), upper('x');
attach 'b.db' as b; select count(*) from b.t; create virtual table ft using fts5(a); insert into ft values('hello world'); select * from ft where ft match 'world';
S
sqlite3 x.db <a.sql
for i in 1 2 3 4; do for j in 1 2 3 4 5; do sqlite3 -cmd '.timeout 200000' x.db "insert into t(name) values('p$i')"; done & done; wait; sqlite3 x.db "select name, count(*) from t where name like 'p_' group by name"; ls x.db* b.db
sqlite3 x.db 'select * from nosuch'; echo $?; head -c 5000 x.db >bad.db; sqlite3 bad.db 'pragma integrity_check' 2>&1 | wc -l; sqlite3 -json x.db 'select 1 as a'; sqlite3 b.db 'pragma mmap_size=100000000; select sum(v) from t'
echo a,b >i.csv; echo 1,2 >>i.csv; sqlite3 x.db '.import --csv i.csv imp' 'select a+b from imp'; sqlite3 b.db 'pragma journal_mode=delete' 'begin exclusive; select 1;' '.shell sqlite3 b.db "select count(*) from t"; echo $?' 'commit;'
