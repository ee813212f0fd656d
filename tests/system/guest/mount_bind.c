/* Bind mounts: one file system under two names, with flags of their own. Needs the superuser, so only the guest runs it
 * in the suite; it holds on Linux as well (unshare -m). */
#include "../check.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/xattr.h>

static char here[64];

static bool fails(int result, int error) { return result == -1 && errno == error; }
static int bind_to(const char *from, const char *to) { return mount(from, to, NULL, MS_BIND, NULL); }
static int tmpfs(const char *at) { return mount("t", at, "tmpfs", 0, ""); }

static bool same(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool holds(const char *path, const char *text)
{
    char buf[64] = "";
    int fd = open(path, O_RDONLY);
    bool ok = fd >= 0 && read(fd, buf, sizeof buf - 1) >= 0 && strcmp(buf, text) == 0;
    close(fd);
    return ok;
}

static bool put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    return close(fd) == 0 && ok;
}

/* What readlink says, with `here` taken off. */
static const char *link_text(const char *path)
{
    static char text[256];
    ssize_t n = readlink(path, text, sizeof text - 1);
    text[n > 0 ? n : 0] = 0;
    return strncmp(text, here, strlen(here)) ? text : text + strlen(here);
}

/* The fields of the last line of mountinfo whose place is here/name: root or options. */
static const char *info(const char *name, int field)
{
    static char line[512], found[128];
    char want[128];
    found[0] = 0;
    snprintf(want, sizeof want, "%s/%s", here, name);
    FILE *f = fopen("/proc/self/mountinfo", "r");
    while (f && fgets(line, sizeof line, f)) {
        char root[128], place[128], options[128];
        if (sscanf(line, "%*d %*d %*s %127s %127s %127s", root, place, options) == 3 && strcmp(place, want) == 0)
            strcpy(found, field ? options : root);
    }
    if (f)
        fclose(f);
    return found;
}

static void check_one_file_system(void)
{
    char cwd[256];
    CHECK(tmpfs("a") == 0 && mkdir("a/in", 0755) == 0 && mkdir("a/in/deep", 0755) == 0 && put("a/in/f", "one"));
    CHECK(bind_to("a/in", "b") == 0);
    CHECK(same("a/in", "b") && same("a/in/f", "b/f") && holds("b/f", "one"));
    CHECK(put("b/f", "two") && holds("a/in/f", "two") && put("b/new", "new") && holds("a/in/new", "new"));
    CHECK(mkdir("b/d", 0755) == 0 && rmdir("a/in/d") == 0 && fails(rmdir("b/d"), ENOENT));
    CHECK(symlink("f", "b/l") == 0 && holds("b/l", "two") && symlink("../other", "b/up") == 0 && put("other", "outside") && holds("b/up", "outside"));
    CHECK(same("b/..", ".") && same("b/deep/..", "b") && !same("b/..", "a"));
    CHECK(chdir("b/deep") == 0 && getcwd(cwd, sizeof cwd) != NULL && strcmp(cwd + strlen(here), "/b/deep") == 0 && chdir("../..") == 0);
    CHECK(same(".", here));
    CHECK(fails(rename("b/f", "a/in/g"), EXDEV) && fails(link("b/f", "a/in/g"), EXDEV) && link("b/f", "b/g") == 0 && rename("b/g", "b/deep/g") == 0 && unlink("a/in/deep/g") == 0);
    CHECK(strcmp(info("b", 0), "/in") == 0 && strcmp(info("a", 0), "/") == 0);
    CHECK(chmod("b/f", 0640) == 0 && setxattr("b/f", "trusted.x", "1", 1, 0) == 0 && getxattr("a/in/f", "trusted.x", cwd, 9) == 1);
    CHECK(truncate("b/new", 2) == 0 && holds("a/in/new", "ne") && access("b/f", R_OK) == 0);
}

static void check_identity(void)
{
    int one = open("a/in/f", O_RDWR), two = open("b/f", O_RDWR);
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", two);
    CHECK(strcmp(link_text(name), "/b/f") == 0);
    CHECK(flock(one, LOCK_EX) == 0 && fails(flock(two, LOCK_EX | LOCK_NB), EWOULDBLOCK) && flock(one, LOCK_UN) == 0);
    char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, one, 0), *q = mmap(NULL, 4096, PROT_READ, MAP_SHARED, two, 0);
    CHECK(p != MAP_FAILED && q != MAP_FAILED);
    p[0] = 'T';
    CHECK(q[0] == 'T' && munmap(p, 4096) == 0 && munmap(q, 4096) == 0);
    close(one);
    close(two);
    CHECK(mkfifo("b/p", 0600) == 0);
    int r = open("b/p", O_RDONLY | O_NONBLOCK), w = open("a/in/p", O_WRONLY | O_NONBLOCK);
    CHECK(r >= 0 && w >= 0 && write(w, "x", 1) == 1 && read(r, name, 4) == 1);
    close(r);
    close(w);
    struct sockaddr_un u = { .sun_family = AF_UNIX, .sun_path = "b/s" };
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), caller = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(bind(listener, (void *)&u, sizeof u) == 0 && listen(listener, 1) == 0);
    strcpy(u.sun_path, "a/in/s");
    CHECK(connect(caller, (void *)&u, sizeof u) == 0);
    close(listener);
    close(caller);
    int in = inotify_init1(IN_NONBLOCK);
    char events[512];
    CHECK(inotify_add_watch(in, "a/in", IN_CREATE | IN_MODIFY) >= 0 && put("b/watched", "x") && read(in, events, sizeof events) > 0);
    close(in);
    struct stat s;
    int dir = open("b", O_RDONLY | O_DIRECTORY);
    CHECK(dir >= 0 && fstatat(dir, "deep", &s, 0) == 0 && fchdir(dir) == 0 && same(".", "../a/in") && chdir("..") == 0 && same(".", here));
    close(dir);
}

static void check_flags(void)
{
    int held = open("b/f", O_RDWR);
    struct statvfs s;
    CHECK(held >= 0 && fails(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), EBUSY));
    close(held);
    held = open("a/in/f", O_RDWR);
    CHECK(held >= 0 && mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOEXEC | MS_NODEV, NULL) == 0);
    CHECK(fails(open("b/f", O_RDWR), EROFS) && fails(unlink("b/f"), EROFS) && fails(mkdir("b/x", 0755), EROFS) && fails(chmod("b/f", 0600), EROFS));
    CHECK(fails(symlink("x", "b/x"), EROFS) && fails(truncate("b/f", 0), EROFS) && fails(access("b/f", W_OK), EROFS) && fails(setxattr("b/f", "trusted.x", "2", 1, 0), EROFS));
    CHECK(fails(open("b/x", O_RDWR | O_CREAT, 0600), EROFS) && fails(rename("b/f", "b/g"), EROFS) && fails(link("b/f", "b/g"), EROFS));
    CHECK(put("a/in/f", "three") && holds("b/f", "three") && write(held, "x", 1) == 1);
    close(held);
    held = open("b/f", O_RDONLY);
    CHECK(fails(fchmod(held, 0600), EROFS) && mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, held, 0) == MAP_FAILED && errno == EPERM);
    CHECK(statvfs("b", &s) == 0 && s.f_flag & ST_RDONLY && s.f_flag & ST_NOEXEC && fstatvfs(held, &s) == 0 && s.f_flag & ST_RDONLY && statvfs("a", &s) == 0 && !(s.f_flag & ST_RDONLY));
    close(held);
    CHECK(strncmp(info("b", 1), "ro,nodev,noexec", 15) == 0 && strncmp(info("a", 1), "rw", 2) == 0);
    CHECK(mknod("a/in/null", S_IFCHR | 0666, 1 << 8 | 3) == 0 && fails(open("b/null", O_RDONLY), EACCES) && close(open("a/in/null", O_RDONLY)) == 0);
    CHECK(bind_to("b", "c") == 0 && fails(open("c/f", O_RDWR), EROFS) && strcmp(info("c", 0), "/in") == 0 && umount("c") == 0);
    CHECK(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND, NULL) == 0 && put("b/f", "four"));
}

/* The file system becomes read-only under all its names, and writable as each of them says. */
static void check_file_system(void)
{
    struct statvfs s;
    int held = open("b/f", O_RDWR);
    CHECK(held >= 0 && fails(mount(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, ""), EBUSY) && put("a/in/f", "still"));
    close(held);
    CHECK(mount(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, "") == 0);
    CHECK(fails(open("b/f", O_RDWR), EROFS) && fails(mkdir("b/x", 0755), EROFS) && fails(open("a/in/f", O_RDWR), EROFS));
    CHECK(statvfs("b", &s) == 0 && s.f_flag & ST_RDONLY && strncmp(info("b", 1), "rw", 2) == 0 && strncmp(info("a", 1), "ro", 2) == 0);
    CHECK(bind_to("b", "c") == 0 && fails(open("c/f", O_RDWR), EROFS) && mount(NULL, "c", NULL, MS_REMOUNT | MS_BIND, NULL) == 0 && fails(open("c/f", O_RDWR), EROFS));
    CHECK(mount(NULL, "b", NULL, MS_REMOUNT, "") == 0 && put("b/f", "by b") && put("c/f", "by c"));
    CHECK(fails(open("a/in/f", O_RDWR), EROFS)); /* that mount says so of itself */
    CHECK(mount(NULL, "a", NULL, MS_REMOUNT, "") == 0 && put("a/in/f", "by a") && umount("c") == 0);
    CHECK(fails(mount(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, "size=nonsense"), EINVAL) && put("a/in/f", "as before") && put("b/f", "four"));
}

static void check_files_and_cover(void)
{
    CHECK(put("one", "1") && put("two", "2") && bind_to("one", "two") == 0 && holds("two", "1") && same("one", "two"));
    CHECK(fails(unlink("two"), EBUSY) && fails(rename("two", "three"), EBUSY) && fails(rename("one", "two"), EBUSY));
    CHECK(umount("two") == 0 && holds("two", "2") && unlink("one") == 0 && unlink("two") == 0);
    CHECK(fails(bind_to("b/f", "c"), ENOTDIR) && fails(bind_to("b", "b/f"), ENOTDIR) && fails(bind_to("none", "c"), ENOENT) && fails(bind_to("b", "none"), ENOENT));
    CHECK(fails(mount(NULL, "c", NULL, MS_BIND, NULL), EINVAL) && fails(mount("", "c", NULL, MS_BIND, NULL), EINVAL) && fails(mount("t", "b/f", "tmpfs", 0, ""), ENOTDIR));
    CHECK(tmpfs("b/deep") == 0 && put("b/deep/over", "x") && fails(access("a/in/deep/over", F_OK), ENOENT));
    CHECK(fails(rmdir("a/in/deep"), EBUSY) && fails(rename("a/in/deep", "a/in/other"), EBUSY) && fails(umount("b"), EBUSY));
    CHECK(umount("b/deep") == 0 && rename("a/in/deep", "a/in/other") == 0 && rename("b/other", "b/deep") == 0);
}

static void check_deep(void)
{
    CHECK(tmpfs("a/in/deep") == 0 && mkdir("a/in/deep/er", 0755) == 0 && tmpfs("a/in/deep/er") == 0 && put("a/in/deep/er/x", "bottom"));
    CHECK(bind_to("a/in", "c") == 0 && fails(access("c/deep/er", F_OK), ENOENT) && umount("c") == 0);
    CHECK(mount("a/in", "c", NULL, MS_BIND | MS_REC, NULL) == 0 && holds("c/deep/er/x", "bottom") && same("c/deep/er/..", "a/in/deep"));
    CHECK(put("c/deep/er/y", "y") && holds("a/in/deep/er/y", "y") && fails(umount("c"), EBUSY));
    CHECK(mount("c", "c/deep/er", NULL, MS_BIND | MS_REC, NULL) == 0 && same("c/deep/er/f", "a/in/f") && fails(access("c/deep/er/deep/er/f", F_OK), ENOENT));
    CHECK(umount2("c", MNT_DETACH) == 0 && fails(access("c/f", F_OK), ENOENT) && holds("a/in/deep/er/x", "bottom"));
    CHECK(umount("a/in/deep/er") == 0 && umount("a/in/deep") == 0);
}

/* Moved out of what the mount shows: no way up. And a root that is a bind mount holds. */
static void child_moved_out(void)
{
    bool ok = chdir("b/deep") == 0 && rename("../../a/in/deep", "../../a/away") == 0 && access(".", F_OK) == 0 && fails(access("..", F_OK), ENOENT);
    _exit(ok && rename("/proc/self/cwd/none", "x") == -1 ? 0 : 1);
}

static void child_chroot(void)
{
    char cwd[64];
    _exit(chroot("b") == 0 && chdir("/") == 0 && access("f", F_OK) == 0 && same("/..", "/") && getcwd(cwd, sizeof cwd) && strcmp(cwd, "/") == 0 ? 0 : 1);
}

static void check_ends(void)
{
    char buf[8];
    CHECK(status_of(child_moved_out) == 0 && rename("a/away", "a/in/deep") == 0 && status_of(child_chroot) == 0);
    int fd = open("b/f", O_RDONLY);
    CHECK(fails(umount("b"), EBUSY) && umount2("b", MNT_DETACH) == 0 && read(fd, buf, 4) == 4 && fails(access("b/f", F_OK), ENOENT) && holds("a/in/f", "four"));
    close(fd);
    CHECK(bind_to("a/in", "b") == 0 && umount("a") == 0 && fails(access("a/in", F_OK), ENOENT) && holds("b/f", "four") && put("b/f", "five") && holds("b/f", "five"));
    CHECK(strcmp(info("b", 0), "/in") == 0 && bind_to("b/deep", "c") == 0 && umount("b") == 0 && put("c/last", "x") && umount("c") == 0);
    CHECK(tmpfs("a") == 0 && bind_to("a", "a") == 0 && put("a/x", "x") && umount("a") == 0 && holds("a/x", "x") && umount("a") == 0 && fails(umount("a"), EINVAL));
    CHECK(bind_to("/proc", "a") == 0 && access("a/self/fd", F_OK) == 0 && holds("a/sys/kernel/ostype", "Linux\n") && umount("a") == 0);
}

/* Comes and goes with many views: nothing may stay. */
static void check_many(void)
{
    char name[64];
    bool ok = true;
    CHECK(tmpfs("a") == 0);
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "a/d%d", i);
        ok = ok && mkdir(name, 0755) == 0;
    }
    for (int round = 0; round < 20; round++) {
        ok = ok && bind_to("a", "b") == 0;
        for (int i = 0; i < 300; i++) {
            snprintf(name, sizeof name, "b/d%d/f", i);
            ok = ok && put(name, "x");
        }
        ok = ok && umount("b") == 0;
    }
    CHECK(ok && umount("a") == 0);
}

int main(void)
{
    const char *dirs[] = { "a", "b", "c" };
    snprintf(here, sizeof here, "/tmp/mb.%d", (int)getpid());
    CHECK(mkdir(here, 0755) == 0 && chdir(here) == 0);
    for (unsigned i = 0; i < sizeof dirs / sizeof *dirs; i++)
        CHECK(mkdir(dirs[i], 0755) == 0);
    check_one_file_system();
    check_identity();
    check_flags();
    check_file_system();
    check_files_and_cover();
    check_deep();
    check_ends();
    check_many();
    unlink("other");
    for (unsigned i = 0; i < sizeof dirs / sizeof *dirs; i++)
        CHECK(rmdir(dirs[i]) == 0);
    CHECK(chdir("/") == 0 && rmdir(here) == 0);
    printf(failures ? "FAILED\n" : "ALL PASS\n");
    return failures != 0;
}
