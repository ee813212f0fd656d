#!/bin/bash
# Packages: bash gcc libc6-dev binutils make coreutils grep
# The big compiler: optimised, with debug information, sanitised, static, a shared object, profiles, and make -j.
cat >a.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
int twice(int);
static _Thread_local int tls = 5;
static void *work(void *p) { tls += (int)(long)p; return (void *)(long)tls; }
static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
int main(int argc, char **argv)
{
    pthread_t t;
    void *r;
    int v[] = { 5, 3, 1 };
    pthread_create(&t, 0, work, (void *)37L);
    pthread_join(t, &r);
    qsort(v, 3, sizeof *v, by_value);
    printf("%ld %d %d%d%d %s\n", (long)r, twice(argc), v[0], v[1], v[2], argv[argc - 1]);
    return twice(21);
}
C
echo 'int twice(int x) { return 2 * x; }' >b.c
gcc -O2 -g -Wall -o ab a.c b.c && ./ab hello; echo $?; gcc -static -O2 -o abs a.c b.c && ./abs static; gcc -shared -fPIC -o libb.so b.c && gcc -o abd a.c -L. -lb -Wl,-rpath,. && ./abd shared; gcc -O0 -pg -o abp a.c b.c && ./abp profile && ls gmon.out
gcc -S -O2 -o - b.c | grep -c lea; gcc -E -dM - </dev/null | grep -c __x86_64__; objdump -d ab | grep -c '<main>:'; nm ab | grep ' T main' | cut -c18-; strip ab && ./ab stripped; ar rcs libb.a b.c 2>/dev/null; size abd | wc -l; readelf -h ab | grep Machine; echo 'int main(void) { return undefined; }' | gcc -x c - 2>&1 | grep -c undeclared
printf '#include <omp.h>\n#include <stdio.h>\nint main(void) { long s = 0;\n#pragma omp parallel for reduction(+:s)\nfor (int i = 0; i < 100000; i++) s += i;\nprintf("%%ld\\n", s); }\n' >omp.c; gcc -fopenmp -O2 -o omp omp.c && OMP_NUM_THREADS=4 ./omp
printf '#include <stdlib.h>\nint main(void) { char *p = malloc(4); p[4] = 1; return 0; }\n' >san.c; gcc -fsanitize=address -g -o san san.c && (./san 2>&1 | grep -c 'heap-buffer-overflow on'); printf 'int main(int c, char **v) { return 0x7fffffff + c; }\n' >ub.c; gcc -fsanitize=undefined -o ub ub.c && (./ub 2>&1 | grep -c 'signed integer overflow')
for i in 1 2 3 4; do echo "int f$i(void) { return $i; }" >f$i.c; done; printf 'all: f1.o f2.o f3.o f4.o\n' >Makefile; make -j4 -s CC=gcc && ls *.o; gcc -flto -O2 -o lto a.c b.c && ./lto lto
