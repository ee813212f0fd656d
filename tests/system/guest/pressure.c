/* Takes all there is of one thing. Not for a machine that somebody needs: only run in the guest.
 *
 *     pressure memory        touches memory until it is killed
 *     pressure shared        the same with memory that is shared between processes
 *     pressure sparse FILE   maps a file as large as all memory and writes to it
 *     pressure hogs N        N children do that at once; ends when all are dead
 *     pressure bomb          forks and lets its children fork, for ever
 *     pressure threads [N]   makes threads, N or until it cannot, then ends them
 *     pressure pipes         makes and fills pipes until it cannot
 *     pressure messages      makes message queues and puts empty messages in until it cannot, then removes them
 *     pressure names         makes links and extended attributes until it cannot, then removes them
 *     pressure children N    N times fork or vfork, execve, exit, one after the other */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PIECE (1ul << 20)

static void touch(volatile char *p, size_t size)
{
    for (size_t i = 0; i < size; i += 4096)
        p[i] = 1;
}

static int take_memory(int flags)
{
    for (;;) {
        void *p = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            break;
        touch(p, PIECE);
    }
    printf("mmap: %s\n", strerror(errno));
    return 1;
}

static int take_sparse(const char *name)
{
    size_t size = (size_t)sysconf(_SC_PHYS_PAGES) * 4096;
    int fd = open(name, O_RDWR | O_CREAT, 0600);
    char *p = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
        p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) {
        perror(name);
        return 1;
    }
    touch(p, size);
    printf("all of it fits\n");
    return 0;
}

static int take_hogs(int n)
{
    int killed = 0, raw;
    for (int i = 0; i < n; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(take_memory(MAP_PRIVATE));
        if (pid < 0)
            perror("fork");
    }
    while (wait(&raw) > 0)
        killed += WIFSIGNALED(raw) && WTERMSIG(raw) == SIGKILL;
    printf("%d of %d killed\n", killed, n);
    return killed != n;
}

static void *wait_for_end(void *end) { return pthread_mutex_lock(end) ? end : (pthread_mutex_unlock(end), NULL); }

#define THREADS_MAX 40000

static int take_threads(int most)
{
    static pthread_t thread[THREADS_MAX];
    static pthread_mutex_t end = PTHREAD_MUTEX_INITIALIZER;
    int n = 0, r = 0;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 16384);
    pthread_mutex_lock(&end);
    while (n < most && (r = pthread_create(&thread[n], &small, wait_for_end, &end)) == 0)
        n++;
    if (n == most)
        printf("%d threads live\n", n);
    else
        printf("%s threads, then %s\n", n > 100 ? "many" : "few", strerror(r));
    pthread_mutex_unlock(&end);
    for (int i = 0; i < n; i++)
        pthread_join(thread[i], NULL);
    return n != most && r != EAGAIN;
}

static int fill_pipes(void)
{
    static char block[4096];
    int ends[2], n = 0;
    while (pipe2(ends, O_NONBLOCK) == 0) {
        n++;
        while (write(ends[1], block, sizeof block) > 0)
            ;
    }
    printf("pipes end: %s\n", strerror(errno));
    return n > 100 ? 0 : 1;
}

/* Each child makes as many pipes as one process may have, keeps them full and waits. */
static int take_pipes(void)
{
    pid_t child[64];
    int n = 0;
    while (n < 64 && (child[n] = fork()) >= 0) {
        if (child[n++] == 0) {
            fill_pipes();
            pause();
        }
        usleep(100000);
    }
    for (int i = 0; i < n; i++)
        kill(child[i], SIGKILL);
    while (wait(NULL) > 0)
        ;
    printf("pipes: done\n");
    return 0;
}

static unsigned long free_bytes(void)
{
    struct sysinfo i;
    return sysinfo(&i) ? 0 : i.freeram * i.mem_unit;
}

static int take_messages(void)
{
    static int queue[32000];
    int n = 0;
    struct { long type; char text[1]; } empty = { 1, "" };
    unsigned long before = free_bytes();
    while (n < 32000 && (queue[n] = msgget(IPC_PRIVATE, 0600)) >= 0) {
        n++;
        while (msgsnd(queue[n - 1], &empty, 0, IPC_NOWAIT) == 0)
            ;
        if (errno != EAGAIN)
            break;
    }
    printf("messages end: %s, %s memory is left\n", strerror(errno), free_bytes() > before / 4 * 3 ? "most" : "little");
    while (n > 0)
        msgctl(queue[--n], IPC_RMID, NULL);
    return 0;
}

/* Long links, then files with much beside their contents. */
static int take_names(void)
{
    static char text[60000], name[2][32];
    int n[2] = { 0, 0 };
    memset(text, 'x', 4000);
    while (snprintf(name[0], sizeof name[0], "/tmp/l%d", n[0]) && symlink(text, name[0]) == 0)
        n[0]++;
    printf("links end: %s\n", strerror(errno));
    while (n[0] > 0 && snprintf(name[0], sizeof name[0], "/tmp/l%d", --n[0]))
        unlink(name[0]);
    while (snprintf(name[1], sizeof name[1], "/tmp/x%d", n[1]) && mknod(name[1], S_IFREG | 0600, 0) == 0 &&
           setxattr(name[1], "user.a", text, sizeof text, 0) == 0)
        n[1]++;
    printf("attributes end: %s\n", strerror(errno));
    for (; n[1] >= 0 && snprintf(name[1], sizeof name[1], "/tmp/x%d", n[1]); n[1]--)
        unlink(name[1]);
    return 0;
}

static char *const true_args[] = { (char *)"true", NULL };

static pid_t child_forked(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        execv("/bin/true", true_args);
        _exit(127);
    }
    return pid;
}

static pid_t child_vforked(void)
{
    pid_t pid = vfork();
    if (pid == 0) {
        execv("/bin/true", true_args);
        _exit(127);
    }
    return pid;
}

static int make_children(int n)
{
    for (int i = 0; i < n; i++) {
        int raw = -1;
        pid_t pid = i & 1 ? child_forked() : child_vforked();
        if (pid < 0 || waitpid(pid, &raw, 0) != pid || raw != 0) {
            printf("child %d: status %d, %s\n", i, raw, strerror(errno));
            return 1;
        }
    }
    printf("%d children came and went\n", n);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    const char *arg = argc > 2 ? argv[2] : "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!strcmp(what, "memory"))
        return take_memory(MAP_PRIVATE);
    if (!strcmp(what, "shared"))
        return take_memory(MAP_SHARED);
    if (!strcmp(what, "sparse"))
        return take_sparse(arg);
    if (!strcmp(what, "hogs"))
        return take_hogs(atoi(arg));
    if (!strcmp(what, "threads"))
        return take_threads(argc > 2 ? MIN(atoi(argv[2]), THREADS_MAX) : THREADS_MAX);
    if (!strcmp(what, "messages"))
        return take_messages();
    if (!strcmp(what, "names"))
        return take_names();
    if (!strcmp(what, "pipes"))
        return take_pipes();
    if (!strcmp(what, "children"))
        return make_children(atoi(arg));
    if (!strcmp(what, "bomb"))
        for (;;)
            fork();
    fprintf(stderr, "pressure: what?\n");
    return 2;
}
