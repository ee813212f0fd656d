/* Extended attributes of the user's namespace: set, get, list, remove, sizes and flags. */
#include "check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static char big[70000];

int main(void)
{
    char dir[64], buf[256];
    snprintf(dir, sizeof dir, "/tmp/vfs_xattr.%d", (int)getpid());
    CHECK(mkdir(dir, 0755) == 0 && chdir(dir) == 0);
    int fd = open("f", O_RDWR | O_CREAT, 0600), path = open("f", O_PATH);
    CHECK(symlink("f", "l") == 0);
    SHOW(getxattr("f", "user.a", buf, sizeof buf));
    SHOW(listxattr("f", buf, sizeof buf));
    SHOW(setxattr("f", "user.a", "value", 5, XATTR_REPLACE));
    SHOW(setxattr("f", "user.a", "value", 5, 0));
    SHOW(setxattr("f", "user.a", "other", 5, XATTR_CREATE));
    SHOW(setxattr("f", "user.a", "longer value", 12, XATTR_REPLACE));
    SHOW(setxattr("f", "user.a", "x", 1, 8));
    SHOW(getxattr("l", "user.a", buf, 0));
    SHOW(getxattr("l", "user.a", buf, 5));
    CHECK(getxattr("f", "user.a", buf, sizeof buf) == 12 && memcmp(buf, "longer value", 12) == 0);
    SHOW(fsetxattr(fd, "user.empty", NULL, 0, 0));
    SHOW(fgetxattr(fd, "user.empty", buf, sizeof buf));
    SHOW(fgetxattr(path, "user.empty", buf, sizeof buf));
    SHOW(flistxattr(fd, NULL, 0));
    SHOW(flistxattr(fd, buf, 10));
    SHOW(flistxattr(fd, buf, sizeof buf));
    SHOW(lsetxattr("l", "user.a", "x", 1, 0));
    SHOW(lgetxattr("l", "user.a", buf, sizeof buf));
    SHOW(setxattr(".", "user.dir", "x", 1, 0));
    SHOW(getxattr(".", "user.dir", buf, sizeof buf));
    SHOW(setxattr("f", "user.", "x", 1, 0));
    SHOW(setxattr("f", "", "x", 1, 0));
    SHOW(setxattr("f", "nonsense", "x", 1, 0));
    SHOW(getxattr("f", "nonsense.too", buf, sizeof buf));
    SHOW(setxattr("none", "user.a", "x", 1, 0));
    SHOW(setxattr("f", "user.big", big, sizeof big, 0));
    SHOW(setxattr("f", (char *)1, "x", 1, 0));
    SHOW(setxattr("f", "user.c", (char *)1, 1, 0));
    memset(big, 'n', 300);
    memcpy(big, "user.", 5);
    SHOW(setxattr("f", big, "x", 1, 0));
    SHOW(removexattr("f", "user.a"));
    SHOW(removexattr("f", "user.a"));
    SHOW(fremovexattr(fd, "user.empty"));
    SHOW(listxattr("f", buf, sizeof buf));
    close(fd), close(path), unlink("f"), unlink("l");
    CHECK(chdir("/") == 0 && rmdir(dir) == 0);
    return failures != 0;
}
