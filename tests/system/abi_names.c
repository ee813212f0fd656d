/* Names: what rename, link, symlink, unlink, mkdir, rmdir and open answer, case by case; and a
 * directory of 2000 files read while some of them go. */
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static char long_name[300], long_path[5000], deep[4200];

static void make(const char *path)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0644);
    if (fd < 0 || write(fd, path, strlen(path)) < 0)
        printf("FAIL make %s\n", path), failures++;
    close(fd);
}

static ino_t inode(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 ? st.st_ino : 0;
}

static int links(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 ? (int)st.st_nlink : -1;
}

static void check_rename(void)
{
    make("a");
    make("b");
    SHOW(mkdir("d", 0755));
    SHOW(mkdir("d/e", 0755));
    SHOW(mkdir("empty", 0755));
    ino_t was = inode("a");
    SHOW(rename("a", "b"));
    CHECK(inode("b") == was && inode("a") == 0);
    SHOW(rename("a", "b"));
    SHOW(rename("b", "d"));
    SHOW(rename("d", "b"));
    SHOW(rename("empty", "d"));
    SHOW(rename("d", "empty"));
    SHOW(rename("empty", "empty/inside"));
    SHOW(rename("empty", "empty/e/inside"));
    SHOW(rename("empty", "empty"));
    SHOW(rename("b", "b"));
    SHOW(rename("b", "nosuch/b"));
    SHOW(rename("b", "b/x"));
    SHOW(rename("b/", "c"));
    SHOW(rename("b", "c/"));
    SHOW(rename("empty/", "moved/"));
    SHOW(rename("moved/.", "x"));
    SHOW(rename("moved", "moved/.."));
    SHOW(rename("", "x"));
    SHOW(rename("b", ""));
    SHOW(rename(long_name, "x"));
    SHOW(rename("b", long_name));
    SHOW(link("b", "b2"));
    SHOW(rename("b", "b2")); /* the same file: nothing happens */
    CHECK(inode("b") && inode("b2"));
    SHOW(links("b"));
    SHOW(symlink("b", "s"));
    SHOW(rename("s", "t"));
    CHECK(inode("s") == 0 && inode("t"));
    SHOW(rename("b2", "t"));
    SHOW(links("t"));
    SHOW(syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "t", 1)); /* NOREPLACE */
    SHOW(syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "new", 1));
    SHOW(syscall(SYS_renameat2, AT_FDCWD, "new", AT_FDCWD, "b", 0xff00));
    SHOW(links("moved"));
    SHOW(rename("moved/e", "e"));
    SHOW(links("moved"));
    SHOW(rename("e", "moved/e"));
    SHOW(links("moved"));
    SHOW(unlink("t"));
    SHOW(unlink("new"));
    SHOW(rmdir("moved/e"));
    SHOW(rmdir("moved"));
}

static void check_links(void)
{
    char text[16] = { 0 };
    make("f");
    SHOW(mkdir("d", 0755));
    SHOW(link("f", "g"));
    SHOW(link("f", "g"));
    SHOW(link("nosuch", "h"));
    SHOW(link("d", "h"));
    SHOW(link("f", "f/h"));
    SHOW(link("f", "d/"));
    SHOW(links("f"));
    SHOW(symlink("", "s"));
    SHOW(symlink("f", "s"));
    SHOW(symlink("f", "s"));
    SHOW(readlink("s", text, 16));
    SHOW(readlink("s", text, 0));
    SHOW(readlink("f", text, 16));
    SHOW(readlink("nosuch", text, 16));
    SHOW(link("s", "s2")); /* the link itself */
    struct stat st;
    SHOW(lstat("s2", &st));
    SHOW((st.st_mode & S_IFMT) == S_IFLNK);
    SHOW(st.st_size);
    SHOW(linkat(AT_FDCWD, "s", AT_FDCWD, "f2", AT_SYMLINK_FOLLOW));
    SHOW(links("f"));
    SHOW(linkat(AT_FDCWD, "s", AT_FDCWD, "f3", 12345));
    SHOW(symlink("loop2", "loop1"));
    SHOW(symlink("loop1", "loop2"));
    SHOW(open("loop1", O_RDONLY));
    SHOW(stat("loop1", &st));
    SHOW(stat("loop1/x", &st));
    SHOW(open("s", O_RDONLY | O_NOFOLLOW));
    SHOW(symlink("nosuch", "dangling"));
    SHOW(open("dangling", O_RDONLY));
    SHOW(open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0600));
    int fd = open("dangling", O_CREAT | O_WRONLY, 0600);
    CHECK(fd >= 0 && inode("nosuch") != 0);
    close(fd);
    SHOW(mkdir("dangling", 0700));
    SHOW(symlink("d", "ds"));
    SHOW(stat("ds/", &st));
    SHOW(rmdir("ds"));
    SHOW(rmdir("ds/"));
    SHOW(unlink("ds"));
    static const char *const names[] = { "f", "g", "f2", "s", "s2", "loop1", "loop2", "dangling", "nosuch" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (unlink(names[i]) != 0)
            printf("FAIL unlink %s: %s\n", names[i], strerror(errno)), failures++;
    SHOW(rmdir("d"));
}

static void check_remove(void)
{
    char byte;
    make("f");
    SHOW(mkdir("d", 0755));
    make("d/x");
    SHOW(unlink("d"));
    SHOW(unlink("nosuch"));
    SHOW(unlink("f/"));
    SHOW(unlink("f/x"));
    SHOW(unlink(""));
    SHOW(unlink("."));
    SHOW(rmdir("f"));
    SHOW(rmdir("d"));
    SHOW(rmdir("."));
    SHOW(rmdir("d/."));
    SHOW(rmdir("d/.."));
    SHOW(rmdir("/"));
    SHOW(rmdir("nosuch"));
    SHOW(mkdir("d", 0755));
    SHOW(mkdir("f", 0755));
    SHOW(mkdir("f/x", 0755));
    SHOW(mkdir("nosuch/x", 0755));
    SHOW(mkdir("", 0755));
    SHOW(mkdir("/", 0755));
    SHOW(mkdir("new/", 0755));
    SHOW(unlinkat(AT_FDCWD, "new", 0));
    SHOW(unlinkat(AT_FDCWD, "new", AT_REMOVEDIR));
    SHOW(unlinkat(AT_FDCWD, "new", 0x1234));
    int fd = open("f", O_RDWR);
    SHOW(unlink("f"));
    SHOW(pread(fd, &byte, 1, 0));
    struct stat st;
    SHOW(fstat(fd, &st));
    SHOW(st.st_nlink);
    char through[32];
    snprintf(through, sizeof through, "/proc/self/fd/%d", fd);
    int again = open(through, O_RDONLY);
    CHECK(again >= 0 && read(again, &byte, 1) == 1);
    close(again);
    close(fd);
    SHOW(unlink("d/x"));
    int dir = open("d", O_RDONLY | O_DIRECTORY);
    CHECK(chdir("d") == 0);
    SHOW(rmdir("../d"));
    SHOW(open("x", O_CREAT | O_WRONLY, 0600));
    SHOW(mkdirat(dir, "y", 0700));
    SHOW(getcwd(through, sizeof through) == NULL ? -1 : 0);
    CHECK(chdir(check_dir) == 0);
    close(dir);
}

static void check_open(void)
{
    char byte = 'x';
    make("f");
    SHOW(mkdir("d", 0755));
    SHOW(open("f", O_CREAT | O_EXCL | O_RDWR, 0600));
    SHOW(open("d", O_WRONLY));
    SHOW(open("d", O_RDWR | O_CREAT, 0600));
    SHOW(open("d/", O_RDWR | O_CREAT, 0600));
    SHOW(open("new/", O_RDWR | O_CREAT, 0600));
    SHOW(open("f/", O_RDONLY));
    SHOW(open("f", O_RDONLY | O_DIRECTORY));
    SHOW(open("f/../f", O_RDONLY));
    SHOW(open("nosuch/../f", O_RDONLY));
    SHOW(open("", O_RDONLY));
    SHOW(open(long_name, O_CREAT | O_WRONLY, 0600));
    SHOW(open(long_path, O_RDONLY));
    SHOW(open("d", O_TMPFILE | O_RDONLY, 0600));
    SHOW(openat(999, "f", O_RDONLY));
    int fd = open("f", O_RDONLY);
    SHOW(openat(fd, "x", O_RDONLY));
    SHOW(write(fd, &byte, 1));
    SHOW(ftruncate(fd, 0));
    SHOW(fchdir(fd));
    close(fd);
    fd = open("f", O_WRONLY);
    SHOW(read(fd, &byte, 1));
    close(fd);
    fd = open("d", O_RDONLY);
    SHOW(read(fd, &byte, 1));
    SHOW(write(fd, &byte, 1));
    SHOW(lseek(fd, 0, SEEK_SET));
    close(fd);
    fd = open("f", O_PATH);
    SHOW(read(fd, &byte, 1));
    SHOW(fchmod(fd, 0600));
    SHOW(fcntl(fd, F_GETFL) & O_PATH);
    close(fd);
    SHOW(access("f", R_OK | W_OK));
    SHOW(access("f", F_OK));
    SHOW(access("f", 0x40));
    SHOW(access("nosuch", F_OK));
    SHOW(truncate("d", 0));
    SHOW(truncate("f", -1));
    SHOW(truncate("f", 10));
    SHOW(chdir("f"));
    SHOW(chdir("nosuch"));
    struct stat st;
    SHOW(stat("f", &st));
    SHOW(st.st_size);
    SHOW(st.st_mode);
    SHOW(st.st_blksize);
    SHOW(chmod("f", 07654));
    SHOW(stat("f", &st));
    SHOW(st.st_mode);
    SHOW(stat("d", &st));
    SHOW(st.st_nlink);
    SHOW(unlink("f"));
    SHOW(rmdir("d"));
}

static int count_entries(const char *path)
{
    int n = 0;
    DIR *dir = opendir(path);
    while (dir && readdir(dir))
        n++;
    if (dir)
        closedir(dir);
    return n;
}

/* Every file that stays must be seen exactly once, whatever is removed or added in between. */
static void check_directory(void)
{
    enum { N = 2000 };
    static unsigned char seen[N];
    char name[64];
    int twice = 0, missed = 0, i;
    SHOW(mkdir("many", 0755));
    for (i = 0; i < N; i++) {
        snprintf(name, sizeof name, "many/file-%d", i);
        make(name);
    }
    SHOW(count_entries("many"));
    DIR *dir = opendir("many");
    struct dirent *entry;
    for (int step = 0; (entry = readdir(dir)); step++) {
        if (sscanf(entry->d_name, "file-%d", &i) == 1 && i < N)
            twice += seen[i]++ > 0;
        if (step % 10 == 0 && step / 10 * 3 < N) {
            snprintf(name, sizeof name, "many/file-%d", step / 10 * 3); /* every third of the first ones goes */
            unlink(name);
            snprintf(name, sizeof name, "many/new-%d", step);
            make(name);
        }
    }
    for (i = 0; i < N; i++) {
        snprintf(name, sizeof name, "many/file-%d", i);
        missed += access(name, F_OK) == 0 && !seen[i];
    }
    SHOW(twice);
    SHOW(missed);
    rewinddir(dir);
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    SHOW(count_entries("many"));
    SHOW(rmdir("many"));
}

static void check_getdents(void)
{
    char buffer[600];
    SHOW(mkdir("d", 0755));
    make("d/f");
    SHOW(symlink("x", "d/s"));
    SHOW(mkdir("d/sub", 0755));
    int fd = open("d", O_RDONLY);
    SHOW(syscall(SYS_getdents64, fd, buffer, 3));
    SHOW(syscall(SYS_getdents64, fd, (char *)16, sizeof buffer));
    long n = syscall(SYS_getdents64, fd, buffer, sizeof buffer);
    int types[16] = { 0 };
    for (long at = 0; at < n;) {
        struct dirent *entry = (struct dirent *)(buffer + at);
        types[entry->d_type & 15]++;
        at += entry->d_reclen;
    }
    SHOW(n);
    SHOW(types[DT_DIR] * 100 + types[DT_REG] * 10 + types[DT_LNK]);
    SHOW(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
    close(fd);
    SHOW(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
    fd = open("d/f", O_RDONLY);
    SHOW(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
    close(fd);
    fd = open("d/sub", O_RDONLY);
    SHOW(rmdir("d/sub"));
    SHOW(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
    close(fd);
    SHOW(unlink("d/f"));
    SHOW(unlink("d/s"));
    SHOW(rmdir("d"));
}

/* A path of many parts up to the limit, and a tree too deep for one path. */
static void check_depth(void)
{
    int depth = 0;
    while (strlen(deep) + 100 < PATH_MAX) {
        strcat(deep, "ninety-characters-are-in-this-name-or-at-least-it-is-meant-to-look-as-if-there-were-so-many/");
        if (mkdir(deep, 0755) != 0)
            break;
        depth++;
    }
    SHOW(depth);
    struct stat st;
    SHOW(stat(deep, &st));
    for (; depth > 0; depth--) {
        if (rmdir(deep) != 0)
            printf("FAIL rmdir at depth %d\n", depth), failures++;
        char *slash = strrchr(deep, '/');
        *slash = '\0';
        slash = strrchr(deep, '/');
        if (slash)
            slash[1] = '\0';
    }
}

int main(void)
{
    work_in_tmp("names");
    memset(long_name, 'n', sizeof long_name - 1);
    memset(long_path, '/', sizeof long_path - 1);
    check_rename();
    check_links();
    check_remove();
    check_open();
    check_directory();
    check_getdents();
    check_depth();
    return check_result();
}
