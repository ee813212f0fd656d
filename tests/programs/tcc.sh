#!/bin/bash
# Packages: bash tcc libc6-dev
# A compiler: compile, run, link several files, a shared object, threads.
cat >a.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
int twice(int);
int main(int argc, char **argv) { printf("%d %s %.3f\n", twice(argc), argv[argc - 1], sqrt(2)); return twice(21); }
C
echo 'int twice(int x) { return 2 * x; }' >b.c
tcc -c a.c -o a.o && tcc -c b.c -o b.o && tcc -o ab a.o b.o -lm && ./ab hello; echo $?; tcc -shared -o libb.so b.c && tcc -o abd a.c -L. -lb -lm && LD_LIBRARY_PATH=. ./abd shared; tcc -lm -run a.c b.c
cat >t.c <<'C'
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/wait.h>
#include <dlfcn.h>
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER; static long sum;
static void *work(void *p) { for (int i = 0; i < 10000; i++) { pthread_mutex_lock(&m); sum += (long)p; pthread_mutex_unlock(&m); } return p; }
int main(void)
{
    pthread_t t[8];
    void *r;
    long s = 0;
    for (long i = 0; i < 8; i++) pthread_create(&t[i], 0, work, (void *)i);
    for (int i = 0; i < 8; i++) { pthread_join(t[i], &r); s += (long)r; }
    printf("%ld %ld\n", sum, s);
    void *h = dlopen("./libb.so", RTLD_NOW);
    int (*f)(int) = (int (*)(int))dlsym(h, "twice");
    printf("%d\n", f(5));
    fflush(stdout);
    if (!fork()) execlp("echo", "echo", "child", (char *)0);
    wait(0);
    return 0;
}
C
tcc -o t t.c -lpthread -ldl && ./t; echo 'int main(void) { return undefined; }' | tcc -; echo $?; echo 'int main(void) { *(volatile int *)0 = 1; }' >s.c; tcc -o s s.c; (./s) 2>/dev/null; echo $?
printf '#!/usr/bin/tcc -run\n#include <stdio.h>\nint main(void) { puts("script"); }\n' >script; chmod +x script; ./script
