/* Files without a name: O_TMPFILE, and giving them one. */
#include "check.h"

#include <fcntl.h>
#include <sys/stat.h>

static void as_link(int fd, const char *to)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int r = linkat(AT_FDCWD, path, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
    printf("link %s: %d %s\n", to, r, r ? strerror(errno) : "");
}

int main(void)
{
    char dir[64], text[300] = "", link[64];
    struct stat st;
    snprintf(dir, sizeof dir, "/tmp/vfs_tmpfile.%d", (int)getpid());
    CHECK(mkdir(dir, 0755) == 0 && chdir(dir) == 0);
    umask(022);
    int fd = open(".", O_TMPFILE | O_RDWR, 0666), excl = open(dir, O_TMPFILE | O_WRONLY | O_EXCL, 0600);
    CHECK(fd >= 0 && excl >= 0);
    CHECK(fstat(fd, &st) == 0 && st.st_nlink == 0 && (st.st_mode & 07777) == 0644 && S_ISREG(st.st_mode));
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    CHECK(readlink(link, text, sizeof text - 1) > 0 && strncmp(text, dir, strlen(dir)) == 0);
    CHECK(text[strlen(dir)] == '/' && text[strlen(dir) + 1] == '#' && strstr(text, " (deleted)"));
    SHOW(write(fd, "hello", 5));
    SHOW(rmdir("none"));
    as_link(excl, "excl");
    as_link(fd, "named");
    as_link(fd, "named");
    CHECK(fstat(fd, &st) == 0 && st.st_nlink == 1 && stat("named", &st) == 0 && st.st_size == 5);
    SHOW(unlink("named"));
    as_link(fd, "again");
    SHOW(linkat(fd, "", AT_FDCWD, "again", 0));
    SHOW(open(".", O_TMPFILE | O_RDONLY, 0600));
    SHOW(open("none", O_TMPFILE | O_RDWR, 0600));
    close(open("file", O_CREAT | O_WRONLY, 0600));
    SHOW(open("file", O_TMPFILE | O_RDWR, 0600));
    SHOW(open("/proc", O_TMPFILE | O_RDWR, 0600));
    unlink("file");
    if (getuid() == 0) {
        int root = open(".", O_TMPFILE | O_RDWR, 0600);
        SHOW(linkat(root, "", AT_FDCWD, "by-fd", AT_EMPTY_PATH));
        SHOW(unlink("by-fd"));
        close(root);
    }
    close(fd), close(excl);
    CHECK(chdir("/") == 0 && rmdir(dir) == 0);
    return failures != 0;
}
