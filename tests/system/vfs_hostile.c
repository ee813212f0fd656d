/* Arguments that only an enemy passes: what Linux refuses is refused with the same error, and nothing is lost. */
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define PAGE 4096

static int made(const char *path)
{
    return close(open(path, O_WRONLY | O_CREAT | O_EXCL, 0644));
}

/* A page, and nothing behind it: n bytes at its very end, without a terminator. */
static char *at_page_end(const char *text)
{
    char *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + PAGE, PAGE);
    return memcpy(page + PAGE - strlen(text), text, strlen(text));
}

static void check_paths(void)
{
    static char long_path[PATH_MAX + 100], name[300];
    CHECK(made("f") == 0 && mkdir("d", 0755) == 0);
    SHOW(open("", O_RDONLY));
    SHOW(open(NULL, O_RDONLY));
    SHOW(open((char *)-1, O_RDONLY));
    SHOW(open((char *)0x7fffffffffff, O_RDONLY));
    SHOW(open((char *)0x8000000000000000, O_RDONLY));
    SHOW(open(at_page_end("f"), O_RDONLY));
    SHOW(mkdir(at_page_end("neverending"), 0755));
    SHOW(rename(at_page_end("f"), "g"));
    SHOW(rename("f", at_page_end("g")));
    memset(name, 'n', 255);
    SHOW(mkdir(name, 0755));
    SHOW(rmdir(name));
    name[255] = 'n';
    SHOW(mkdir(name, 0755));
    SHOW(symlink(name, "d/x"));
    SHOW(unlink("d/x"));
    for (size_t i = 0; i < PATH_MAX; i += 2)
        memcpy(long_path + i, "./", 2);
    long_path[PATH_MAX - 2] = 'f', long_path[PATH_MAX - 1] = 0;
    SHOW(access(long_path, F_OK));
    long_path[PATH_MAX - 1] = '/', long_path[PATH_MAX] = 0;
    SHOW(access(long_path, F_OK));
    SHOW(access("f/", F_OK));
    SHOW(access("f/.", F_OK));
    SHOW(access("d/../f", F_OK));
    SHOW(access("none/../f", F_OK));
    SHOW(mkdir("d/.", 0755));
    SHOW(mkdir("d/..", 0755));
    SHOW(mkdir("/", 0755));
    SHOW(rmdir("d/."));
    SHOW(rmdir("d/.."));
    SHOW(rmdir("/"));
    SHOW(unlink("d/"));
    SHOW(unlink("f/"));
    SHOW(rename("d", "d/in"));
    SHOW(rename("d", "d/none/in"));
    SHOW(rename("d/.", "e"));
    SHOW(rename("d", "f"));
    SHOW(rename("f", "d"));
    SHOW(rename("f", "f/"));
    SHOW(link("d", "e"));
    SHOW(link("d", "f")); /* that the name is there comes first */
    SHOW(link("d", "f/"));
    SHOW(link("d", "d"));
    SHOW(link("/proc/self/comm", "f"));
    SHOW(link("/proc/self/comm", "e"));
    SHOW(openat(12345, "f", O_RDONLY));
    SHOW(openat(-5, "f", O_RDONLY));
    CHECK(symlink("loop2", "loop1") == 0 && symlink("loop1", "loop2") == 0 && symlink("self/x", "self") == 0);
    SHOW(open("loop1", O_RDONLY));
    SHOW(open("loop1", O_RDONLY | O_CREAT, 0644));
    SHOW(stat("self", &(struct stat){ 0 }));
    SHOW(rename("loop1", "loop2"));
    SHOW(access("loop2", F_OK));
    CHECK(unlink("loop2") == 0 && unlink("self") == 0 && unlink("f") == 0 && rmdir("d") == 0);
}

static void check_vectors(int f)
{
    static char b[16];
    struct iovec v[3] = { { b, 4 }, { b, 4 }, { b, 4 } };
    SHOW(readv(f, v, -1));
    SHOW(readv(f, v, 1025));
    SHOW(readv(f, NULL, 1));
    SHOW(readv(f, NULL, 0));
    SHOW(readv(f, (struct iovec *)-16, 1));
    v[1].iov_len = SIZE_MAX;
    SHOW(writev(f, v, 3));
    v[1].iov_len = (size_t)SSIZE_MAX + 1;
    SHOW(writev(f, v, 3));
    v[1] = (struct iovec){ (char *)-8, 4 };
    SHOW(writev(f, v, 3));
    v[1] = (struct iovec){ (char *)64, 4 };
    SHOW(pwritev(f, v, 3, 0));
    SHOW(preadv(f, v, 1, -1));
    SHOW(preadv(f, v, 1, INT64_MAX));
    SHOW(syscall(SYS_pwritev2, f, v, 1, 0, 0, 0x40000000));
    SHOW(ftruncate(f, 0));
}

static void check_offsets(void)
{
    static char b[16];
    int f = open("f", O_RDWR | O_CREAT, 0644), dir = open(".", O_RDONLY), p[2];
    CHECK(f >= 0 && pipe(p) == 0);
    SHOW(pread(f, b, 1, -1));
    SHOW(pread(f, b, 1, INT64_MAX));
    SHOW(pread(f, b, 16, INT64_MAX - 3));
    SHOW(pwrite(f, b, 1, INT64_MIN));
    SHOW(pwrite(f, b, 1, INT64_MAX));
    SHOW(pwrite(f, b, 0, INT64_MAX));
    SHOW(lseek(f, -1, SEEK_SET));
    SHOW(lseek(f, INT64_MIN, SEEK_END));
    SHOW(lseek(f, 0, 77));
    SHOW(lseek(f, 0, SEEK_SET));
    SHOW(ftruncate(f, -1));
    SHOW(ftruncate(f, INT64_MAX));
    SHOW(truncate("f", INT64_MIN));
    SHOW(fallocate(f, 0, -1, 1));
    SHOW(fallocate(f, 0, 0, 0));
    SHOW(fallocate(f, 0, INT64_MAX, 1));
    SHOW(fallocate(f, 0, 1, INT64_MAX));
    SHOW(read(f, (char *)-4096, 1));
    SHOW(read(f, b, (size_t)-1));
    SHOW(write(f, (char *)16, 1));
    SHOW(write(f, b, 0));
    SHOW(read(dir, b, 1));
    SHOW(pread(dir, b, 1, 0));
    SHOW(ftruncate(dir, 0));
    SHOW(pread(p[0], b, 1, 0));
    SHOW(lseek(p[0], 0, SEEK_CUR));
    SHOW(copy_file_range(f, &(off_t){ -1 }, f, &(off_t){ 0 }, 2, 0));
    SHOW(syscall(SYS_getdents64, f, b, sizeof b));
    SHOW(syscall(SYS_getdents64, dir, b, 8));
    SHOW(syscall(SYS_getdents64, dir, (void *)16, 4096));
    SHOW(syscall(SYS_getdents64, -1, b, 16));
    SHOW(fstat(99999, &(struct stat){ 0 }));
    SHOW(dup2(f, -1));
    SHOW(dup2(f, INT_MAX));
    SHOW(fcntl(f, F_DUPFD, -1));
    SHOW(fcntl(f, F_DUPFD, INT_MAX));
    check_vectors(f);
    close(f), close(dir), close(p[0]), close(p[1]);
    CHECK(unlink("f") == 0);
}

static void on_fsize(int signo) { (void)signo; }

static void limited_writes(void)
{
    struct rlimit limit = { 1000, 1000 };
    static char b[2000];
    int f = open("limited", O_RDWR | O_CREAT, 0644);
    signal(SIGXFSZ, on_fsize);
    if (setrlimit(RLIMIT_FSIZE, &limit))
        _exit(9);
    SHOW(write(f, b, 600));
    SHOW(write(f, b, 600));
    SHOW(write(f, b, 1));
    SHOW(pwrite(f, b, 10, 995));
    SHOW(pwrite(f, b, 10, 5000));
    SHOW(ftruncate(f, 1001));
    SHOW(ftruncate(f, 1000));
    SHOW(fallocate(f, 0, 0, 1001));
    SHOW(fallocate(f, 0, 0, 900));
    int null = open("/dev/null", O_WRONLY);
    SHOW(write(null, b, 2000));
    SHOW(unlink("limited"));
}

static void check_many_names(void)
{
    char name[32];
    int n = 20000, seen = 0, again = 0;
    bool ok = mkdir("many", 0755) == 0;
    static unsigned char mark[20000];
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "many/%d", i);
        ok &= i % 100 ? mknod(name, S_IFREG | 0644, 0) == 0 : mkdir(name, 0755) == 0;
    }
    CHECK(ok);
    /* Reading while every second name goes and others come: what stays is seen once. */
    DIR *d = opendir("many");
    for (struct dirent *e; (e = readdir(d));) {
        char *end;
        long i = strtol(e->d_name, &end, 10);
        if (*end || end == e->d_name)
            continue;
        again += mark[i];
        mark[i] = 1;
        seen++;
        if (seen % 500 == 1)
            for (long k = 0; k < 200; k++) {
                snprintf(name, sizeof name, "many/%ld", (seen * 7L + k * 2) % n | 1);
                unlink(name);
                snprintf(name, sizeof name, "many/new%ld", seen + k);
                mknod(name, S_IFREG | 0644, 0);
            }
    }
    int missed = 0;
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "many/%d", i);
        missed += access(name, F_OK) == 0 && !mark[i];
    }
    CHECK(again == 0 && missed == 0 && seen > n / 4);
    rewinddir(d);
    int left = 0;
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.')
            left += unlinkat(dirfd(d), e->d_name, e->d_type == DT_DIR ? AT_REMOVEDIR : 0) != 0;
    closedir(d);
    CHECK(left == 0 && rmdir("many") == 0);
}

/* Four threads move directories into each other; the tree stays a tree. */
static void *mover(void *arg)
{
    unsigned x = (unsigned)(size_t)arg * 2654435761u + 1;
    char from[32], to[32];
    for (int i = 0; i < 2000; i++) {
        x = x * 1103515245 + 12345;
        const char *outer[] = { "", "a/", "b/", "a/b/", "b/a/", "c/" }, *inner[] = { "a", "b", "c" };
        snprintf(from, sizeof from, "t/%s%s", outer[x >> 8 & 3], inner[(x >> 12) % 3]);
        snprintf(to, sizeof to, "t/%s%s", outer[(x >> 16) % 6], inner[(x >> 20) % 3]);
        if (rename(from, to) && errno != ENOENT && errno != EINVAL && errno != ENOTEMPTY && errno != EEXIST)
            return (void *)1;
        if (i % 500 == 0) { /* not many, so that no path gets long */
            mkdir("t/a", 0755);
            mkdir("t/b", 0755);
            mkdir("t/c", 0755);
        }
    }
    return NULL;
}

static bool remove_tree(const char *path, int depth)
{
    char below[256];
    static const char *inner[] = { "a", "b", "c" };
    for (int i = 0; i < 3 && depth < 60; i++) {
        snprintf(below, sizeof below, "%s/%s", path, inner[i]);
        if (access(below, F_OK) == 0 && !remove_tree(below, depth + 1))
            return false;
    }
    return rmdir(path) == 0;
}

static void check_rename_races(void)
{
    pthread_t t[4];
    void *bad = NULL, *one;
    CHECK(mkdir("t", 0755) == 0);
    for (size_t i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, mover, (void *)i);
    for (size_t i = 0; i < 4; i++)
        if (pthread_join(t[i], &one) == 0 && one)
            bad = one;
    CHECK(!bad && remove_tree("t", 0));
}

/* Somebody else's file in a sticky directory; a directory that gives its group away. */
static void as_another(void)
{
    struct stat st;
    if (setgroups(0, NULL) || setgid(1000) || setuid(1000))
        _exit(9);
    SHOW(unlink("sticky/theirs"));
    SHOW(rename("sticky/theirs", "sticky/x"));
    SHOW(made("sticky/mine"));
    SHOW(rename("sticky/mine", "sticky/theirs"));
    SHOW(rename("sticky/mine", "sticky/still"));
    SHOW(unlink("sticky/still"));
    SHOW(mkdir("grouped/d", 0755));
    CHECK(stat("grouped/d", &st) == 0);
    SHOW(st.st_gid);
    SHOW(st.st_mode & 07777);
    SHOW(made("grouped/f"));
    CHECK(stat("grouped/f", &st) == 0);
    SHOW(st.st_gid);
    SHOW(chown("grouped/f", 0, -1));
    SHOW(chmod("sticky", 0777));
}

static void check_directories_bits(void)
{
    umask(022);
    CHECK(chmod(".", 0755) == 0 && mkdir("sticky", 0755) == 0 && mkdir("grouped", 0755) == 0);
    CHECK(chmod("sticky", 01777) == 0 && made("sticky/theirs") == 0);
    CHECK(chown("grouped", -1, 77) == 0 && chmod("grouped", 02777) == 0);
    SHOW(status_of(as_another));
    CHECK(unlink("sticky/theirs") == 0 && unlink("grouped/f") == 0 && rmdir("grouped/d") == 0);
    CHECK(rmdir("sticky") == 0 && rmdir("grouped") == 0);
}

int main(void)
{
    work_in_tmp("vfs_hostile");
    check_paths();
    check_offsets();
    SHOW(status_of(limited_writes));
    check_many_names();
    check_rename_races();
    check_directories_bits();
    return check_result();
}
