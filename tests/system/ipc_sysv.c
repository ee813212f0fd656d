/* System V shared memory, semaphores and message queues: what the calls answer, and what becomes of the
 * objects when processes end. All keys are private ones but one, which depends on the process's number. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#define PAGE 4096
static key_t a_key(void) { return 0x52000000 | (getpid() & 0xffffff); }

static bool has_line(const char *path, int id)
{
    char line[512], *at = line;
    FILE *f = fopen(path, "r");
    bool found = false;
    if (f && !fgets(line, sizeof line, f)) /* the heading */
        return false;
    while (f && fgets(line, sizeof line, f)) {
        at = line;
        strtol(at, &at, 10);
        found |= strtol(at, NULL, 10) == id;
    }
    if (f)
        fclose(f);
    return found;
}

/* --- shared memory --- */

static struct shmid_ds shm_state(int id)
{
    struct shmid_ds d = { 0 };
    shmctl(id, IPC_STAT, &d);
    return d;
}

static void shm_by_key(void)
{
    SHOW(shmget(a_key(), PAGE, 0600));
    int id = shmget(a_key(), PAGE + 1, IPC_CREAT | IPC_EXCL | 0600);
    CHECK(id >= 0 && shmget(a_key(), 0, 0) == id && shmget(a_key(), PAGE, IPC_CREAT | 0600) == id);
    SHOW(shmget(a_key(), PAGE, IPC_CREAT | IPC_EXCL | 0600));
    SHOW(shmget(a_key(), 3 * PAGE, 0));
    SHOW(shmget(IPC_PRIVATE, 0, 0600));
    struct shmid_ds d = shm_state(id);
    CHECK(d.shm_segsz == PAGE + 1 && d.shm_nattch == 0 && d.shm_cpid == getpid() && d.shm_lpid == 0 && d.shm_perm.mode == 0600);
    CHECK(d.shm_atime == 0 && d.shm_dtime == 0 && d.shm_ctime != 0 && d.shm_perm.__key == a_key());
    CHECK(has_line("/proc/sysvipc/shm", id));
    SHOW(shmctl(id, IPC_RMID, NULL));
    SHOW(shmctl(id, IPC_RMID, NULL));
    SHOW(shmget(a_key(), 0, 0));
    SHOW(shmctl(id, 77, NULL));
    SHOW(shmctl(-1, IPC_STAT, &d));
    CHECK(!has_line("/proc/sysvipc/shm", id));
}

static void shm_is_shared(void)
{
    int id = shmget(IPC_PRIVATE, 2 * PAGE, 0600), status;
    volatile int *p = shmat(id, NULL, 0), *q = shmat(id, NULL, SHM_RDONLY);
    CHECK(p != (void *)-1 && q != (void *)-1 && p != q && *q == 0);
    p[1000] = 77;
    CHECK(q[1000] == 77 && shm_state(id).shm_nattch == 2);
    pid_t child = fork();
    if (child == 0) {
        p[1001] = (int)shm_state(id).shm_nattch;
        _exit(shmdt((void *)q));
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0 && q[1001] == 4 && shm_state(id).shm_nattch == 2);
    SHOW(shmctl(id, IPC_RMID, NULL));
    struct shmid_ds d = shm_state(id);
    CHECK(d.shm_nattch == 2 && (d.shm_perm.mode & 01000) && d.shm_perm.__key == IPC_PRIVATE);
    CHECK(p[1000] == 77);
    SHOW(shmdt((void *)q));
    SHOW(shmdt((void *)q));
    void *again = shmat(id, NULL, 0); /* by number it is still there */
    CHECK(again != (void *)-1 && ((int *)again)[1000] == 77);
    SHOW(shmdt(again));
    SHOW(munmap((void *)p, 2 * PAGE)); /* the last one */
    SHOW(shmctl(id, IPC_STAT, &d));
}

static void shm_in_places(void)
{
    int id = shmget(IPC_PRIVATE, 3 * PAGE, 0600);
    char *room = mmap(NULL, 8 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(room, 8 * PAGE);
    CHECK(shmat(id, room + 100, SHM_RND) == room);
    SHOW((long)shmat(id, room, 0));
    SHOW((long)shmat(id, room + 4 * PAGE + 1, 0));
    SHOW((long)shmat(id, NULL, SHM_REMAP));
    room[PAGE] = 5;
    CHECK(shmat(id, room, SHM_REMAP) == room && room[PAGE] == 5);
    CHECK(shm_state(id).shm_nattch == 1);
    CHECK(munmap(room + PAGE, PAGE) == 0 && shm_state(id).shm_nattch == 2);
    SHOW(shmdt(room + 2 * PAGE));
    SHOW(shmdt(room));
    CHECK(shm_state(id).shm_nattch == 0);
    CHECK(msync(room + 2 * PAGE, PAGE, MS_ASYNC) == -1 && errno == ENOMEM);
    SHOW(shmdt(room));
    SHOW(shmctl(id, IPC_RMID, NULL));
}

/* Removed before its user dies: nothing of it stays. */
static int orphan;
static void die_attached(void)
{
    char *p = shmat(orphan, NULL, 0);
    p[0] = 1;
    kill(getpid(), SIGKILL);
}

static void shm_goes_with_the_dead(void)
{
    orphan = shmget(IPC_PRIVATE, PAGE, 0600);
    struct shmid_ds d;
    CHECK(status_of(die_attached) == SIGKILL && shm_state(orphan).shm_nattch == 0);
    void *p = shmat(orphan, NULL, 0);
    CHECK(*(char *)p == 1);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    SHOW(shmctl(orphan, IPC_RMID, NULL));
    SHOW(shmdt(p));
    CHECK(shm_state(orphan).shm_nattch == 1);
    kill(child, SIGKILL);
    CHECK(waitpid(child, NULL, 0) == child);
    SHOW(shmctl(orphan, IPC_STAT, &d));
}

/* --- semaphores --- */

union semun { int val; struct semid_ds *buf; unsigned short *array; };
static int op(int id, int num, int delta, int flags)
{
    struct sembuf b = { (unsigned short)num, (short)delta, (short)flags };
    return semop(id, &b, 1);
}
static int value(int id, int num) { return semctl(id, num, GETVAL); }

static void sem_values(void)
{
    unsigned short values[3] = { 4, 5, 6 };
    int id = semget(IPC_PRIVATE, 3, 0600);
    SHOW(semget(IPC_PRIVATE, 0, 0600));
    SHOW(semget(IPC_PRIVATE, 40000, 0600));
    SHOW(value(id, 0));
    SHOW(semctl(id, 0, SETALL, (union semun){ .array = values }));
    SHOW(value(id, 2));
    SHOW(value(id, 3));
    SHOW(semctl(id, 1, SETVAL, (union semun){ .val = 32768 }));
    SHOW(semctl(id, 1, SETVAL, (union semun){ .val = 2 }));
    SHOW(op(id, 1, -3, IPC_NOWAIT));
    SHOW(op(id, 1, -2, IPC_NOWAIT));
    SHOW(op(id, 1, 0, IPC_NOWAIT));
    SHOW(op(id, 0, 0, IPC_NOWAIT));
    SHOW(op(id, 0, 32767, 0));
    SHOW(op(id, 7, 1, 0));
    SHOW(semop(id, NULL, 0));
    SHOW(semop(id, NULL, 1));
    SHOW(semop(id, NULL, 501));
    SHOW(semop(-1, NULL, 1));
    struct sembuf both[2] = { { 2, -6, 0 }, { 1, -1, IPC_NOWAIT } };
    SHOW(semop(id, both, 2));
    memset(values, 0, sizeof values);
    SHOW(semctl(id, 0, GETALL, (union semun){ .array = values }));
    printf("%d %d %d\n", values[0], values[1], values[2]);
    CHECK(semctl(id, 1, GETPID) == getpid());
    struct semid_ds d;
    CHECK(semctl(id, 0, IPC_STAT, (union semun){ .buf = &d }) == 0 && d.sem_nsems == 3 && d.sem_otime != 0 && d.sem_perm.mode == 0600);
    CHECK(has_line("/proc/sysvipc/sem", id));
    struct timespec soon = { 0, 20000000 }, bad = { 0, -1 };
    struct sembuf down = { 1, -1, 0 };
    SHOW(semtimedop(id, &down, 1, &soon));
    SHOW(semtimedop(id, &down, 1, &bad));
    SHOW(semctl(id, 0, IPC_RMID));
    SHOW(op(id, 0, 1, 0));
}

/* A child that waits in semop; its exit status is the errno. */
static pid_t waiter(int id, int num, int delta)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(op(id, num, delta, 0) == 0 ? 0 : errno);
    while (semctl(id, num, delta ? GETNCNT : GETZCNT) == 0)
        sched_yield();
    return pid;
}

static int end_of(pid_t pid)
{
    int status;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void on_usr1(int sig) { (void)sig; }

static void sem_waits(void)
{
    int id = semget(IPC_PRIVATE, 2, 0600);
    pid_t taker = waiter(id, 0, -2);
    SHOW(op(id, 0, 1, 0));
    SHOW(semctl(id, 0, GETNCNT));
    SHOW(op(id, 0, 2, 0));
    SHOW(end_of(taker));
    SHOW(value(id, 0));
    CHECK(semctl(id, 0, GETPID) == taker);
    pid_t zero = waiter(id, 0, 0);
    SHOW(op(id, 0, -1, 0));
    SHOW(end_of(zero));
    struct sigaction act = { .sa_handler = on_usr1, .sa_flags = SA_RESTART };
    sigaction(SIGUSR1, &act, NULL);
    pid_t interrupted = waiter(id, 1, -1);
    kill(interrupted, SIGUSR1);
    CHECK(end_of(interrupted) == EINTR && semctl(id, 1, GETNCNT) == 0);
    pid_t last = waiter(id, 1, -1);
    SHOW(semctl(id, 0, IPC_RMID));
    CHECK(end_of(last) == EIDRM);
}

static int undone;
static void lend(void)
{
    op(undone, 0, -3, SEM_UNDO);
    op(undone, 0, 1, SEM_UNDO);
    op(undone, 1, 5, SEM_UNDO);
    op(undone, 1, -2, 0);
}

static void *lend_in_thread(void *unused)
{
    op(undone, 0, -1, SEM_UNDO);
    return unused;
}

static void lend_by_thread(void)
{
    pthread_t t;
    pthread_create(&t, NULL, lend_in_thread, NULL);
    pthread_join(t, NULL);
    if (value(undone, 0) != 9) /* the process lives: nothing is undone */
        _exit(1);
}

static void lend_and_set(void)
{
    op(undone, 0, -4, SEM_UNDO);
    semctl(undone, 0, SETVAL, (union semun){ .val = 1 });
}

static void sem_undo(void)
{
    undone = semget(IPC_PRIVATE, 2, 0600);
    semctl(undone, 0, SETVAL, (union semun){ .val = 10 });
    CHECK(status_of(lend) == 0);
    SHOW(value(undone, 0));
    SHOW(value(undone, 1)); /* 3 - 5: not below zero */
    CHECK(status_of(lend_by_thread) == 0);
    SHOW(value(undone, 0));
    pid_t taker = waiter(undone, 0, -12);
    CHECK(status_of(lend) == 0);
    SHOW(op(undone, 0, 2, 0));
    SHOW(end_of(taker));
    SHOW(op(undone, 0, 5, 0));
    CHECK(status_of(lend_and_set) == 0);
    SHOW(value(undone, 0));
    SHOW(op(undone, 0, -32768, SEM_UNDO | IPC_NOWAIT));
    SHOW(semctl(undone, 0, IPC_RMID));
}

/* Two processes count with a semaphore as their lock. */
static void sem_lock(void)
{
    int id = semget(IPC_PRIVATE, 1, 0600), shm = shmget(IPC_PRIVATE, PAGE, 0600), rounds = 500;
    volatile int *n = shmat(shm, NULL, 0);
    shmctl(shm, IPC_RMID, NULL);
    op(id, 0, 1, 0);
    pid_t child[3];
    for (int i = 0; i < 3; i++) {
        child[i] = fork();
        for (int k = 0; child[i] == 0 && k < rounds; k++) {
            op(id, 0, -1, SEM_UNDO);
            *n = *n + 1;
            op(id, 0, 1, SEM_UNDO);
        }
        if (child[i] == 0)
            _exit(0);
    }
    for (int i = 0; i < 3; i++)
        CHECK(end_of(child[i]) == 0);
    CHECK(*n == 3 * rounds && value(id, 0) == 1);
    SHOW(semctl(id, 0, IPC_RMID));
    SHOW(shmdt((void *)n));
}

/* --- messages --- */

struct text { long type; char bytes[8192]; };
static struct text buf;

static int put(int id, long type, const char *bytes, size_t n, int flags)
{
    buf.type = type;
    memcpy(buf.bytes, bytes, n);
    return msgsnd(id, &buf, n, flags);
}

static void get(int id, long type, size_t size, int flags)
{
    memset(&buf, 0, sizeof buf);
    ssize_t n = msgrcv(id, &buf, size, type, flags | IPC_NOWAIT);
    printf("type %ld, %zu bytes, flags %o: %zd %ld '%s' %s\n", type, size, flags, n, buf.type, buf.bytes, n < 0 ? strerror(errno) : "");
    fflush(stdout);
}

static void msg_order(void)
{
    int id = msgget(IPC_PRIVATE, 0600);
    struct msqid_ds d;
    SHOW(put(id, 3, "three", 5, 0));
    SHOW(put(id, 1, "one", 3, 0));
    SHOW(put(id, 2, "two", 3, 0));
    SHOW(put(id, 1, "", 0, 0));
    SHOW(put(id, 0, "x", 1, 0));
    SHOW(put(id, -1, "x", 1, 0));
    SHOW(msgsnd(id, &buf, 8193, 0));
    SHOW(msgsnd(id, (void *)8, 1, 0));
    CHECK(msgctl(id, IPC_STAT, &d) == 0 && d.msg_qnum == 4 && d.msg_qbytes == 16384 && d.msg_lspid == getpid() && d.msg_lrpid == 0);
    CHECK(has_line("/proc/sysvipc/msg", id));
    get(id, 0, 4, 0);
    get(id, 0, 4, MSG_NOERROR);
    get(id, -2, 100, 0);
    get(id, -2, 100, 0);
    get(id, 1, 100, 0);
    get(id, 2, 100, 020000 /* MSG_EXCEPT */);
    get(id, 7, 100, 0);
    get(id, 2, 100, 0);
    get(id, 0, 100, 0);
    SHOW(msgrcv(id, &buf, (size_t)-1, 0, 0));
    CHECK(msgctl(id, IPC_STAT, &d) == 0 && d.msg_qnum == 0 && d.msg_lrpid == getpid());
    SHOW(msgctl(id, IPC_RMID, NULL));
    SHOW(msgctl(id, IPC_RMID, NULL));
    SHOW(put(id, 1, "x", 1, 0));
    SHOW(msgget(a_key(), 0));
}

static void msg_full(void)
{
    int id = msgget(IPC_PRIVATE, 0600), n = 0, status;
    while (put(id, 1, "", 0, IPC_NOWAIT) == 0 && msgrcv(id, &buf, 0, 0, 0) == 0 && n++ < 3)
        ;
    for (n = 0; put(id, 1, buf.bytes, 8192, IPC_NOWAIT) == 0; n++)
        ;
    printf("%d fit: %s\n", n, strerror(errno));
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(put(id, 9, "late", 4, 0) == 0 ? 0 : errno);
    get(id, 0, sizeof buf.bytes, 0);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    get(id, 9, 100, 0);
    child = fork();
    if (child == 0)
        _exit(msgrcv(id, &buf, 100, 5, 0) < 0 ? errno : 0);
    sleep_ms(20);
    SHOW(put(id, 5, "five", 4, 0));
    SHOW(end_of(child));
    child = fork();
    if (child == 0)
        _exit(msgrcv(id, &buf, 100, 5, 0) < 0 ? errno : 0);
    sleep_ms(20);
    SHOW(msgctl(id, IPC_RMID, NULL));
    status = end_of(child);
    CHECK(status == EIDRM || status == EINVAL); /* it waited already, or not yet */
}

/* --- permissions --- */

static int locked_shm, locked_sem, locked_msg;
static void as_somebody(void)
{
    struct shmid_ds d;
    struct semid_ds s;
    struct msqid_ds m;
    if (setgid(1234) || setuid(1234))
        _exit(1);
    SHOW((long)shmat(locked_shm, NULL, 0));
    CHECK(shmat(locked_shm, NULL, SHM_RDONLY) != (void *)-1);
    SHOW(shmctl(locked_shm, IPC_STAT, &d));
    SHOW(shmctl(locked_shm, IPC_RMID, NULL));
    SHOW(shmctl(locked_shm, IPC_SET, &d));
    SHOW(op(locked_sem, 0, 1, 0));
    SHOW(op(locked_sem, 0, 0, 0));
    SHOW(semctl(locked_sem, 0, SETVAL, (union semun){ .val = 1 }));
    SHOW(semctl(locked_sem, 0, IPC_STAT, (union semun){ .buf = &s }));
    SHOW(semctl(locked_sem, 0, IPC_RMID));
    SHOW(put(locked_msg, 1, "x", 1, 0));
    SHOW(msgctl(locked_msg, IPC_STAT, &m));
    SHOW(msgctl(locked_msg, IPC_RMID, NULL));
}

static void permissions(void)
{
    struct shmid_ds d;
    locked_shm = shmget(IPC_PRIVATE, PAGE, 0604);
    locked_sem = semget(IPC_PRIVATE, 1, 0604);
    locked_msg = msgget(IPC_PRIVATE, 0600);
    CHECK(status_of(as_somebody) == 0);
    d = shm_state(locked_shm);
    d.shm_perm.mode = 0640, d.shm_perm.uid = 1234;
    SHOW(shmctl(locked_shm, IPC_SET, &d));
    CHECK(shm_state(locked_shm).shm_perm.uid == 1234 && shm_state(locked_shm).shm_perm.cuid == geteuid() && shm_state(locked_shm).shm_perm.mode == 0640);
    SHOW(shmctl(locked_shm, IPC_RMID, NULL));
    SHOW(semctl(locked_sem, 0, IPC_RMID));
    SHOW(msgctl(locked_msg, IPC_RMID, NULL));
}

int main(void)
{
    shm_by_key();
    shm_is_shared();
    shm_in_places();
    shm_goes_with_the_dead();
    sem_values();
    sem_waits();
    sem_undo();
    sem_lock();
    msg_order();
    msg_full();
    permissions();
    return check_result();
}
