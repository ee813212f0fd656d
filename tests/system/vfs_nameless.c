/* Attributes of files that have no name: pipes, sockets, message queues. They can be changed as those of any file; what
 * has none of its own (event counters and their like) says so in its own way on each Linux, and is left out. */
#include "check.h"

#include <fcntl.h>
#include <mqueue.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>

static void show(int fd)
{
    struct stat st;
    if (fstat(fd, &st))
        printf("  %s\n", strerror(errno));
    else
        printf("  mode %o uid %d gid %d links %d times %ld %ld\n", st.st_mode, (int)st.st_uid, (int)st.st_gid, (int)st.st_nlink,
               st.st_atime < 2000 ? (long)st.st_atime : -1L, st.st_mtime < 2000 ? (long)st.st_mtime : -1L);
    fflush(stdout);
}

static void change(const char *what, int fd, int other, bool times)
{
    struct timespec t[2] = { { 100, 5 }, { 200, 6 } };
    printf("--- %s\n", what);
    SHOW(fchmod(fd, 0640));
    show(fd);
    show(other);
    SHOW(fchown(fd, 1, 2));
    show(other);
    SHOW(fchmod(fd, 06711));
    show(fd);
    SHOW(fchown(fd, 5, (gid_t)-1)); /* who gives it away takes away what it runs as */
    show(fd);
    if (times) {
        SHOW(futimens(fd, t));
        show(fd);
        SHOW(futimens(fd, NULL));
        show(fd);
    }
    SHOW(ftruncate(fd, -1));
}

static void attributes(int fd)
{
    char value[8];
    SHOW(fsetxattr(fd, "user.x", "a", 1, 0));
    SHOW(fgetxattr(fd, "user.x", value, sizeof value));
    SHOW(fremovexattr(fd, "user.x"));
    SHOW(fsetxattr(fd, "bogus", "a", 1, 0));
}

static int theirs;
static void as_somebody(void)
{
    struct timespec t[2] = { { 100, 5 }, { 200, 6 } };
    struct stat st;
    int fds[2];
    CHECK(setgid(99) == 0 && setuid(99) == 0 && pipe(fds) == 0);
    show(fds[0]);
    SHOW(fchmod(fds[0], 0604));
    SHOW(fchown(fds[0], 1, (gid_t)-1));
    SHOW(fchown(fds[0], 99, 99));
    SHOW(fchmod(theirs, 0604));
    SHOW(fchown(theirs, 1, (gid_t)-1));
    SHOW(futimens(theirs, t));
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(fstat(s, &st) == 0 && st.st_uid == 99 && st.st_gid == 99);
    SHOW(fchmod(s, 0604));
}

int main(void)
{
    struct mq_attr a = { .mq_maxmsg = 1, .mq_msgsize = 1 };
    struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "name" };
    struct stat st;
    int p[2], s[2], n;
    char queue[64];
    work_in_tmp("vfs_nameless");
    umask(0);
    CHECK(pipe(p) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    snprintf(queue, sizeof queue, "/vfs_nameless.%d", (int)getpid());
    mqd_t q = mq_open(queue, O_CREAT | O_RDWR, 0600, &a), again = mq_open(queue, O_RDONLY);
    change("pipe", p[0], p[1], true);
    change("socket", s[0], s[1], true);
    change("queue", q, again, false);
    attributes(p[1]);
    n = eventfd(0, 0);
    CHECK(fsetxattr(n, "user.x", "a", 1, 0) == -1 && (errno == EPERM || errno == EOPNOTSUPP));
    CHECK(mq_unlink(queue) == 0 && mq_close(q) == 0 && mq_close(again) == 0 && close(n) == 0);
    theirs = s[0];
    CHECK(status_of(as_somebody) == 0);
    n = socket(AF_UNIX, SOCK_STREAM, 0); /* the name gets the socket's permissions */
    umask(022);
    CHECK(fchmod(n, 0770) == 0 && bind(n, (struct sockaddr *)&at, sizeof at) == 0 && stat("name", &st) == 0);
    printf("%o\n", st.st_mode);
    CHECK(unlink("name") == 0);
    return check_result();
}
