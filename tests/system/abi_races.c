/* Threads of one process that change what another one uses: nobody sees half of a change, and nobody
 * undoes what somebody else did. */
#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define ROUNDS 100

static atomic_bool enough;

static void with_rival(void *(*rival)(void *), void (*what)(void))
{
    pthread_t t;
    enough = false;
    pthread_create(&t, NULL, rival, NULL);
    what();
    enough = true;
    pthread_join(t, NULL);
}

/* --- identities: real and saved change together ------------------------------------------------ */

/* The raw call: on Linux it is this thread's identity alone. */
static void *changes_user(void *arg)
{
    for (unsigned i = 0; !enough; i++) {
        unsigned id = i % 2 ? 1000 : 2000;
        syscall(SYS_setresuid, id, 0, id);
        syscall(SYS_setresgid, id, 0, id);
    }
    syscall(SYS_setresuid, 0, 0, 0);
    syscall(SYS_setresgid, 0, 0, 0);
    return arg;
}

static void child_looks_at_ids(void)
{
    uid_t real, effective, saved;
    gid_t group, egroup, sgroup;
    getresuid(&real, &effective, &saved);
    getresgid(&group, &egroup, &sgroup);
    if (real != saved || group != sgroup)
        _exit(1);
}

static void ids_are_inherited_whole(void)
{
    int torn = 0;
    for (int i = 0; i < ROUNDS; i++)
        torn += status_of(child_looks_at_ids) != 0;
    CHECK(torn == 0);
}

/* --- limits: both halves change together ------------------------------------------------------- */

static void *changes_limit(void *arg)
{
    for (unsigned i = 0; !enough; i++) {
        rlim_t n = i % 2 ? 1 << 20 : 1 << 21;
        struct rlimit l = { n - n / 2, n - n / 2 };
        setrlimit(RLIMIT_MEMLOCK, &l);
    }
    return arg;
}

static void child_looks_at_limit(void)
{
    struct rlimit l;
    getrlimit(RLIMIT_MEMLOCK, &l);
    if (l.rlim_cur != l.rlim_max)
        _exit(1);
}

static void limits_are_inherited_whole(void)
{
    struct rlimit l = { 1 << 21, 1 << 21 };
    int torn = 0;
    setrlimit(RLIMIT_MEMLOCK, &l);
    for (int i = 0; i < ROUNDS; i++)
        torn += status_of(child_looks_at_limit) != 0;
    CHECK(torn == 0);
}

/* --- descriptors: a call that fails takes back its own ones alone ------------------------------- */

static void *makes_pairs_in_vain(void *arg)
{
    void *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    while (!enough) {
        pipe2(nowhere, O_CLOEXEC);
        socketpair(AF_UNIX, SOCK_STREAM, 0, nowhere);
    }
    return arg;
}

/* Closes whatever it is (the rival's, most often), and takes the number for its own. */
static void numbers_stay_ours(void)
{
    int lost = 0, zero = open("/dev/zero", O_RDONLY);
    for (int i = 0; i < ROUNDS * 100; i++) {
        int fd = zero + 1 + i % 2;
        close(fd);
        if (dup2(zero, fd) != fd)
            continue; /* Linux: the rival has just taken the number and not filled it yet */
        char c = 1;
        lost += read(fd, &c, 1) != 1 || c != 0;
        close(fd);
    }
    close(zero);
    CHECK(lost == 0);
}

int main(void)
{
    with_rival(changes_user, ids_are_inherited_whole);
    with_rival(changes_limit, limits_are_inherited_whole);
    with_rival(makes_pairs_in_vain, numbers_stay_ours);
    return check_result();
}
