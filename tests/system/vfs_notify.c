/* inotify: every event of files and directories, moves and their cookies, merging, flags, the end of things;
 * and exchanging names. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int in;
static char events[65536];

static const char *name_of(unsigned bit)
{
    static const char *const names[] = { "ACCESS", "MODIFY", "ATTRIB", "CLOSE_WRITE", "CLOSE_NOWRITE", "OPEN", "MOVED_FROM",
        "MOVED_TO", "CREATE", "DELETE", "DELETE_SELF", "MOVE_SELF", "?", "UNMOUNT", "Q_OVERFLOW", "IGNORED" };
    return bit < 16 ? names[bit] : bit == 30 ? "ISDIR" : "?";
}

static void show(const char *what)
{
    static unsigned cookie;
    printf("%s:", what);
    ssize_t n = read(in, events, sizeof events);
    for (char *p = events; n > 0 && p < events + n;) {
        struct inotify_event *e = (struct inotify_event *)p;
        printf(" [%d", e->wd);
        for (unsigned bit = 0; bit < 32; bit++)
            if (e->mask >> bit & 1)
                printf(" %s", name_of(bit));
        if (e->len)
            printf(" %s/%u", e->name, e->len);
        if (e->cookie)
            printf(" %s", e->mask & IN_MOVED_TO ? e->cookie == cookie ? "same" : "other" : "cookie");
        cookie = e->cookie;
        printf("]");
        p += sizeof *e + e->len;
    }
    printf("\n");
    fflush(stdout);
}

static int make(const char *path) { return open(path, O_RDWR | O_CREAT, 0600); }

static void check_files(void)
{
    char buf[16];
    int fd = make("d/f");
    show("create");
    SHOW(write(fd, "hello", 5));
    SHOW(write(fd, "hello", 5));
    show("write");
    SHOW(pread(fd, buf, 5, 0));
    SHOW(read(fd, buf, 5));
    show("read");
    SHOW(ftruncate(fd, 3));
    SHOW(fchmod(fd, 0640));
    struct timespec ts[2] = { { 1, 0 }, { 2, 0 } };
    SHOW(futimens(fd, ts));
    show("attributes");
    close(fd);
    show("close");
    close(open("d/f", O_RDONLY));
    show("open, close");
    close(open("d/f", O_WRONLY | O_TRUNC));
    show("truncate");
    close(open("d/f", O_PATH));
    show("path");
    SHOW(link("d/f", "d/g"));
    show("link");
    SHOW(rename("d/g", "d/h"));
    show("rename");
    SHOW(unlink("d/h"));
    show("unlink one");
    fd = open("d/f", O_RDONLY);
    SHOW(unlink("d/f"));
    show("unlink open");
    close(fd);
    show("last close");
    close(make("d/f"));
    close(make("d/over"));
    show("two");
    SHOW(rename("d/f", "d/over"));
    show("rename over");
    SHOW(unlink("d/over"));
    show("unlink");
    SHOW(symlink("nowhere", "d/s"));
    SHOW(mkfifo("d/p", 0600));
    show("others");
    SHOW(unlink("d/s")), SHOW(unlink("d/p"));
    show("unlink others");
}

static void check_directories(void)
{
    SHOW(mkdir("d/sub", 0755));
    show("mkdir");
    int two = inotify_add_watch(in, "d/sub", IN_ALL_EVENTS);
    SHOW(two);
    SHOW(rename("d/sub", "d/bus"));
    show("rename directory");
    close(make("d/x"));
    show("file");
    SHOW(rename("d/x", "d/bus/x"));
    show("move");
    SHOW(rename("d/bus/x", "x"));
    show("out");
    SHOW(rename("x", "d/x"));
    show("in");
    SHOW(unlink("d/x"));
    show("unlink");
    SHOW(chmod("d/bus", 0700));
    show("chmod directory");
    SHOW(rmdir("d/bus"));
    show("rmdir");
    SHOW(inotify_rm_watch(in, two));
}

static void check_flags(void)
{
    close(make("f"));
    int wd = inotify_add_watch(in, "f", IN_OPEN | IN_ONESHOT);
    close(open("f", O_RDONLY));
    close(open("f", O_RDONLY));
    show("one shot");
    SHOW(inotify_rm_watch(in, wd));
    wd = inotify_add_watch(in, "f", IN_OPEN);
    SHOW(inotify_add_watch(in, "f", IN_MODIFY | IN_MASK_CREATE));
    CHECK(inotify_add_watch(in, "f", IN_MODIFY | IN_MASK_ADD) == wd);
    close(open("f", O_RDONLY));
    truncate("f", 5);
    show("added");
    CHECK(inotify_add_watch(in, "f", IN_CLOSE) == wd);
    close(open("f", O_RDONLY));
    show("replaced");
    SHOW(inotify_rm_watch(in, wd));
    show("removed");
    SHOW(inotify_add_watch(in, "f", IN_OPEN | IN_ONLYDIR));
    SHOW(inotify_add_watch(in, "f", 0));
    SHOW(inotify_add_watch(in, "none", IN_OPEN));
    SHOW(inotify_add_watch(0, "f", IN_OPEN));
    SHOW(inotify_add_watch(-1, "f", IN_OPEN));
    SHOW(inotify_rm_watch(in, 77));
    SHOW(inotify_add_watch(in, "f", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE));
    wd = inotify_add_watch(in, "d", IN_MODIFY | IN_EXCL_UNLINK);
    int fd = make("d/t");
    unlink("d/t");
    SHOW(write(fd, "x", 1));
    close(fd);
    show("unlinked");
    unlink("f");
}

static void check_reading(void)
{
    int wd = inotify_add_watch(in, "d", IN_CREATE | IN_DELETE), n = -1;
    struct pollfd p = { in, POLLIN, 0 };
    SHOW(wd);
    SHOW(poll(&p, 1, 0));
    SHOW(read(in, events, 100));
    close(make("d/some-name"));
    SHOW(poll(&p, 1, 0));
    SHOW(ioctl(in, FIONREAD, &n));
    SHOW(n);
    SHOW(read(in, events, 16));
    SHOW(read(in, events, 32));
    SHOW(write(in, events, 32));
    unlink("d/some-name");
    show("rest");
    for (int i = 0; i < 20000; i++) {
        char name[32];
        snprintf(name, sizeof name, "d/%d", i % 2);
        if (i % 4 < 2)
            close(make(name));
        else
            unlink(name);
    }
    long count = 0;
    bool overflow = false;
    for (ssize_t got; (got = read(in, events, sizeof events)) > 0;)
        for (char *q = events; q < events + got; count++) {
            struct inotify_event *e = (struct inotify_event *)q;
            overflow = e->mask & IN_Q_OVERFLOW && e->wd == -1;
            q += sizeof *e + e->len;
        }
    CHECK(count == 16385 && overflow);
    unlink("d/0"), unlink("d/1");
}

/* A file that nobody heard of for long is heard of as soon as its directory is watched, or another one is its. */
static void check_late(void)
{
    mkdir("o", 0755);
    int fd = make("o/f");
    SHOW(write(fd, "1", 1));
    SHOW(write(fd, "2", 1));
    show("nobody watches");
    SHOW(rename("o/f", "d/f"));
    SHOW(write(fd, "3", 1));
    show("moved in");
    SHOW(rename("d/f", "o/f"));
    SHOW(write(fd, "4", 1));
    SHOW(write(fd, "5", 1));
    show("moved out");
    int wd = inotify_add_watch(in, "o", IN_MODIFY);
    SHOW(write(fd, "6", 1));
    show("watched late");
    SHOW(inotify_rm_watch(in, wd));
    show("removed");
    SHOW(write(fd, "7", 1));
    wd = inotify_add_watch(in, "o/f", IN_MODIFY);
    SHOW(write(fd, "8", 1));
    show("itself");
    SHOW(inotify_rm_watch(in, wd));
    show("removed");
    close(fd);
    unlink("o/f"), rmdir("o");
}

static int exchange(const char *a, const char *b) { return (int)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2); }

static void check_exchange(void)
{
    struct stat st;
    SHOW(inotify_add_watch(in, "d", IN_MOVE));
    close(make("d/a"));
    mkdir("d/b", 0755), mkdir("d/b/c", 0755), mkdir("o", 0755), close(make("o/f"));
    SHOW(exchange("d/a", "d/b"));
    show("exchange");
    CHECK(stat("d/a/c", &st) == 0 && stat("d/b", &st) == 0 && S_ISREG(st.st_mode));
    SHOW(exchange("d/a", "d/none"));
    SHOW(exchange("d/a", "d/a/c"));
    SHOW(exchange("d/a/c", "d/a"));
    SHOW(exchange("d/a", "d/a"));
    SHOW(exchange("d/a", "o/f"));
    show("exchange between");
    CHECK(stat("o/f/c", &st) == 0 && stat("o", &st) == 0 && st.st_nlink == 3 && stat("d", &st) == 0 && st.st_nlink == 2);
    CHECK(chdir("o/f") == 0 && chdir("..") == 0 && stat("f", &st) == 0 && chdir("..") == 0);
    SHOW(syscall(SYS_renameat2, AT_FDCWD, "d/a", AT_FDCWD, "d/b", 1));
    SHOW(syscall(SYS_renameat2, AT_FDCWD, "d/a", AT_FDCWD, "d/b", 3));
    SHOW(syscall(SYS_renameat2, AT_FDCWD, "d/a", AT_FDCWD, "d/b", 8));
    rmdir("o/f/c"), rmdir("o/f"), rmdir("o"), unlink("d/a"), unlink("d/b");
}

int main(void)
{
    char dir[64];
    snprintf(dir, sizeof dir, "/tmp/vfs_notify.%d", (int)getpid());
    CHECK(mkdir(dir, 0755) == 0 && chdir(dir) == 0 && mkdir("d", 0755) == 0);
    in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    CHECK(in >= 0);
    SHOW(inotify_init1(1));
    SHOW(inotify_add_watch(in, "d", IN_ALL_EVENTS));
    check_files();
    check_directories();
    check_flags();
    check_late();
    check_exchange();
    check_reading();
    CHECK(rmdir("d") == 0);
    show("end");
    CHECK(chdir("/") == 0 && rmdir(dir) == 0);
    return failures != 0;
}
