/* mount and umount2: flags that are held, limits of tmpfs, moving, detaching, expiring, and every refusal. Needs the
 * superuser, so only the guest runs it in the suite; it holds on Linux as well (unshare -m). */
#include "../check.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#ifndef MS_RELATIME
#define MS_RELATIME (1 << 21)
#endif

static char here[64];

static bool fails(int result, int error) { return result == -1 && errno == error; }
static int make(const char *path) { return open(path, O_RDWR | O_CREAT, 0644); }
static int mount_tmpfs(unsigned long flags, const char *options) { return mount("t", "m", "tmpfs", flags, options); }

/* The line of /proc/mounts for a directory here, or "". */
static const char *line_of(const char *name)
{
    static char line[512];
    char want[128];
    snprintf(want, sizeof want, " %s/%s ", here, name);
    FILE *f = fopen("/proc/self/mounts", "r");
    while (f && fgets(line, sizeof line, f))
        if (strstr(line, want)) {
            fclose(f);
            return line;
        }
    if (f)
        fclose(f);
    return "";
}

static void check_readonly(void)
{
    struct timespec times[2] = { { 1, 0 }, { 2, 0 } };
    struct statfs s;
    CHECK(mount_tmpfs(0, "") == 0);
    int fd = make("m/f");
    CHECK(fd >= 0 && mkdir("m/d", 0755) == 0 && symlink("f", "m/l") == 0 && mkfifo("m/p", 0600) == 0);
    CHECK(fails(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL), EBUSY));
    CHECK(write(fd, "x", 1) == 1 && close(fd) == 0);
    CHECK(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
    CHECK(strstr(line_of("m"), " ro,") != NULL);
    CHECK(statfs("m", &s) == 0 && s.f_flags & ST_RDONLY && s.f_type == 0x01021994);
    CHECK(fails(open("m/f", O_RDWR), EROFS) && fails(open("m/f", O_RDONLY | O_TRUNC), EROFS) && fails(open("m/n", O_RDONLY | O_CREAT, 0644), EROFS));
    CHECK(fails(mkdir("m/n", 0755), EROFS) && fails(mkdir("m/d", 0755), EEXIST) && fails(rmdir("m/d"), EROFS) && fails(rmdir("m/none"), EROFS));
    CHECK(fails(unlink("m/f"), EROFS) && fails(unlink("m/none"), EROFS) && fails(symlink("x", "m/n"), EROFS) && fails(link("m/f", "m/n"), EROFS));
    CHECK(fails(rename("m/f", "m/n"), EROFS) && fails(rename("m/f", "x"), EXDEV) && fails(mknod("m/n", S_IFIFO | 0600, 0), EROFS));
    CHECK(fails(chmod("m/f", 0600), EROFS) && fails(chown("m/f", 1, 1), EROFS) && fails(truncate("m/f", 0), EROFS));
    CHECK(fails(utimensat(AT_FDCWD, "m/f", times, 0), EROFS) && fails(access("m/f", W_OK), EROFS) && access("m/f", R_OK) == 0);
    CHECK(fails(open("m", O_TMPFILE | O_RDWR, 0600), EROFS));
    fd = open("m/p", O_RDWR | O_NONBLOCK);
    CHECK(fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0);
    CHECK(mount(NULL, "m", NULL, MS_REMOUNT, NULL) == 0 && unlink("m/f") == 0);
    CHECK(umount("m") == 0);
}

static int run(const char *path)
{
    int raw = -1;
    pid_t pid = fork();
    if (pid == 0) {
        execl(path, path, "child", (char *)NULL);
        _exit(100 + errno);
    }
    return waitpid(pid, &raw, 0) == pid && WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
}

static bool copy_self(const char *to)
{
    static char buf[65536];
    int in = open("/proc/self/exe", O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0755);
    ssize_t n = -1;
    while (in >= 0 && out >= 0 && (n = read(in, buf, sizeof buf)) > 0)
        if (write(out, buf, (size_t)n) != n)
            return false;
    close(in), close(out);
    return n == 0;
}

static void check_programs_and_devices(void)
{
    CHECK(mount_tmpfs(0, "mode=755") == 0 && copy_self("m/prog"));
    CHECK(chown("m/prog", 1234, 0) == 0 && chmod("m/prog", 04755) == 0 && mknod("m/null", S_IFCHR | 0666, makedev(1, 3)) == 0);
    CHECK(run("m/prog") == 1234 % 256);
    CHECK(mount(NULL, "m", NULL, MS_REMOUNT | MS_NOSUID, NULL) == 0 && run("m/prog") == 0);
    CHECK(mount(NULL, "m", NULL, MS_REMOUNT | MS_NOEXEC, NULL) == 0 && run("m/prog") == 100 + EACCES);
    CHECK(fails(access("m/prog", X_OK), EACCES) && access("m", X_OK) == 0);
    int fd = open("m/prog", O_RDONLY);
    CHECK(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED && errno == EPERM);
    void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(at != MAP_FAILED && fails(mprotect(at, 4096, PROT_READ | PROT_EXEC), EACCES));
    munmap(at, 4096), close(fd);
    fd = open("m/null", O_WRONLY);
    CHECK(fd >= 0 && close(fd) == 0);
    CHECK(mount(NULL, "m", NULL, MS_REMOUNT | MS_NODEV, NULL) == 0 && fails(open("m/null", O_WRONLY), EACCES));
    CHECK(strstr(line_of("m"), " rw,nodev,relatime") != NULL);
    CHECK(umount("m") == 0);
}

static sigjmp_buf back;
static void on_bus(int signo) { (void)signo, siglongjmp(back, 1); }

static void check_limits(void)
{
    static char buf[65536];
    struct statfs s;
    struct stat st;
    CHECK(mount_tmpfs(0, "size=64k,nr_inodes=4,mode=750,uid=7,gid=8") == 0);
    CHECK(stat("m", &st) == 0 && (st.st_mode & 07777) == 0750 && st.st_uid == 7 && st.st_gid == 8);
    CHECK(statfs("m", &s) == 0 && s.f_blocks == 16 && s.f_bfree == 16 && s.f_files == 4 && s.f_ffree == 3);
    CHECK(strstr(line_of("m"), "size=64k") != NULL && strstr(line_of("m"), "nr_inodes=4") != NULL && strstr(line_of("m"), "mode=750") != NULL);
    int fd = make("m/a");
    CHECK(write(fd, buf, 40000) == 40000 && write(fd, buf, 40000) == 65536 - 40000 && fails((int)write(fd, buf, 1), ENOSPC));
    CHECK(fstat(fd, &st) == 0 && st.st_size == 65536 && statfs("m", &s) == 0 && s.f_bfree == 0);
    CHECK(ftruncate(fd, 1 << 20) == 0 && pwrite(fd, "x", 1, 5) == 1);
    char *at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    signal(SIGBUS, on_bus);
    volatile bool died = false;
    if (sigsetjmp(back, 1))
        died = true;
    else
        at[1 << 19] = 1;
    CHECK(died && at != MAP_FAILED && munmap(at, 1 << 20) == 0);
    CHECK(fails(mount(NULL, "m", NULL, MS_REMOUNT, "size=32k"), EINVAL));
    CHECK(ftruncate(fd, 4096) == 0 && statfs("m", &s) == 0 && s.f_bfree == 15);
    CHECK(mount(NULL, "m", NULL, MS_REMOUNT, "size=32k") == 0 && statfs("m", &s) == 0 && s.f_blocks == 8 && s.f_bfree == 7);
    CHECK(fails(fallocate(fd, 0, 0, 65536), ENOSPC) && fstat(fd, &st) == 0 && st.st_size == 4096);
    CHECK(mkdir("m/b", 0755) == 0 && symlink("x", "m/c") == 0 && fails(make("m/d"), ENOSPC) && fails(mkdir("m/d", 0755), ENOSPC));
    CHECK(fails(mount(NULL, "m", NULL, MS_REMOUNT, "nr_inodes=2"), EINVAL));
    CHECK(unlink("m/c") == 0 && close(make("m/d")) == 0 && statfs("m", &s) == 0 && s.f_ffree == 0);
    CHECK(unlink("m/a") == 0 && statfs("m", &s) == 0 && s.f_bfree == 7 && close(fd) == 0 && statfs("m", &s) == 0 && s.f_bfree == 8 && s.f_ffree == 1);
    CHECK(umount("m") == 0);
    CHECK(fails(mount_tmpfs(0, "size=x"), EINVAL) && fails(mount_tmpfs(0, "nosuch=1"), EINVAL) && fails(mount_tmpfs(0, "mode=9"), EINVAL) && fails(mount_tmpfs(0, "size="), EINVAL));
    CHECK(mount_tmpfs(0, "nr_blocks=3,nr_inodes=1k") == 0 && statfs("m", &s) == 0 && s.f_blocks == 3 && s.f_files == 1024 && umount("m") == 0);
    CHECK(mount_tmpfs(0, "") == 0 && stat("m", &st) == 0 && (st.st_mode & 07777) == 01777 && umount("m") == 0);
}

/* atime of a name, in nanoseconds. */
static long long atime_of(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 ? st.st_atim.tv_sec * 1000000000ll + st.st_atim.tv_nsec : -1;
}

static void set_times(const char *path, long long atime_s, long long mtime_s)
{
    struct timespec t[2] = { { atime_s, 0 }, { mtime_s, 0 } };
    CHECK(utimensat(AT_FDCWD, path, t, 0) == 0);
}

/* Does reading m/f set its access time? */
static bool read_is_seen(int flags)
{
    char byte;
    long long before = atime_of("m/f");
    sleep_ms(20); /* Linux's times move in steps of a clock tick */
    int fd = open("m/f", O_RDONLY | flags);
    bool got = fd >= 0 && read(fd, &byte, 1) == 1 && close(fd) == 0;
    return got && atime_of("m/f") != before;
}

static void check_access_times(void)
{
    long long day = 24 * 3600, now = time(NULL);
    CHECK(mount_tmpfs(0, "") == 0);
    int fd = make("m/f");
    CHECK(write(fd, "x", 1) == 1 && close(fd) == 0 && mkdir("m/d", 0755) == 0 && symlink("f", "m/l") == 0);
    CHECK(!read_is_seen(O_NOATIME) && read_is_seen(0) && !read_is_seen(0));
    CHECK(chmod("m/f", 0600) == 0 && read_is_seen(0) && !read_is_seen(0));
    set_times("m/f", now - day + 600, now - 2 * day); /* but ctime is now */
    CHECK(read_is_seen(0) && !read_is_seen(0));
    CHECK(mount(NULL, "m", NULL, MS_REMOUNT | MS_STRICTATIME, NULL) == 0);
    CHECK(read_is_seen(0) && read_is_seen(0) && !read_is_seen(O_NOATIME));
    CHECK(mount(NULL, "m", NULL, MS_REMOUNT | MS_NOATIME, NULL) == 0);
    CHECK(chmod("m/f", 0644) == 0 && !read_is_seen(0));
    CHECK(mount(NULL, "m", NULL, MS_REMOUNT | MS_STRICTATIME, NULL) == 0);
    set_times("m/d", 1, 1);
    CHECK(scandir("m/d", &(struct dirent **){ NULL }, NULL, NULL) >= 0 && atime_of("m/d") > 1000000000);
    char text[8];
    long long link_time = atime_of("m/l");
    sleep_ms(20);
    CHECK(readlink("m/l", text, sizeof text) == 1 && atime_of("m/l") > link_time);
    link_time = atime_of("m/l");
    sleep_ms(20);
    CHECK(access("m/l", F_OK) == 0 && atime_of("m/l") > link_time);
    CHECK(umount("m") == 0);
    fd = make("theirs");
    CHECK(fchown(fd, 5, 5) == 0 && close(fd) == 0 && chmod("theirs", 0644) == 0 && chmod(".", 0755) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        CHECK(setuid(1) == 0 && fails(open("theirs", O_RDONLY | O_NOATIME), EPERM));
        fd = open("theirs", O_RDONLY);
        CHECK(fd >= 0 && fails(fcntl(fd, F_SETFL, O_NOATIME), EPERM) && fcntl(fd, F_SETFL, 0) == 0);
        _exit(failures != 0);
    }
    int raw = -1;
    CHECK(waitpid(pid, &raw, 0) == pid && raw == 0 && unlink("theirs") == 0);
}

static void check_hard_links_count(void)
{
    struct statfs s;
    CHECK(mount_tmpfs(0, "nr_inodes=4") == 0 && close(make("m/a")) == 0 && link("m/a", "m/b") == 0);
    CHECK(statfs("m", &s) == 0 && s.f_ffree == 1 && link("m/a", "m/c") == 0 && fails(link("m/a", "m/d"), ENOSPC) && fails(make("m/d"), ENOSPC));
    CHECK(rename("m/b", "m/e") == 0 && statfs("m", &s) == 0 && s.f_ffree == 0);
    CHECK(unlink("m/a") == 0 && statfs("m", &s) == 0 && s.f_ffree == 1 && close(make("m/f")) == 0 && fails(link("m/f", "m/g"), ENOSPC));
    CHECK(rename("m/f", "m/c") == 0 && statfs("m", &s) == 0 && s.f_ffree == 1);
    CHECK(unlink("m/c") == 0 && unlink("m/e") == 0 && statfs("m", &s) == 0 && s.f_ffree == 3 && umount("m") == 0);
}

static void check_places(void)
{
    mkdir("n", 0755);
    CHECK(mount_tmpfs(0, "") == 0 && close(make("m/one")) == 0 && mkdir("m/in", 0755) == 0);
    CHECK(fails(mount("m", "m/in", NULL, MS_MOVE, NULL), ELOOP) && fails(mount("m/in", "n", NULL, MS_MOVE, NULL), EINVAL));
    CHECK(mount("m", "n", NULL, MS_MOVE, NULL) == 0 && access("n/one", F_OK) == 0 && fails(access("m/one", F_OK), ENOENT));
    CHECK(fails(umount("m"), EINVAL) && fails(umount2("n", 16), EINVAL) && fails(umount2("n", MNT_EXPIRE | MNT_DETACH), EINVAL));
    CHECK(mount(NULL, "n", NULL, MS_PRIVATE, NULL) == 0 && mount(NULL, "n", NULL, MS_SLAVE | MS_REC, NULL) == 0);
    CHECK(fails(mount(NULL, "n/in", NULL, MS_PRIVATE, NULL), EINVAL) && fails(mount(NULL, "n", NULL, MS_PRIVATE | MS_SLAVE, NULL), EINVAL));
    CHECK(fails(mount(NULL, "m", NULL, MS_REMOUNT, NULL), EINVAL) && fails(mount("x", "m", "nosuchfs", 0, NULL), ENODEV) && fails(mount("x", "none", "tmpfs", 0, NULL), ENOENT));
    CHECK(fails(rmdir("n"), EBUSY) && fails(rename("n", "o"), EBUSY));
    CHECK(fails(umount2("n", MNT_EXPIRE), EAGAIN) && access("n/one", F_OK) == 0 && fails(umount2("n", MNT_EXPIRE), EAGAIN));
    CHECK(umount2("n", MNT_EXPIRE) == 0 && fails(access("n/one", F_OK), ENOENT));
    CHECK(symlink("n", "l") == 0 && mount("t", "n", "tmpfs", 0, NULL) == 0 && fails(umount2("l", UMOUNT_NOFOLLOW), EINVAL) && umount2("l", 0) == 0);
    unlink("l"), rmdir("n");
}

static void check_detach(void)
{
    char c;
    CHECK(mount_tmpfs(0, "") == 0 && mkdir("m/d", 0755) == 0 && mount("t", "m/d", "tmpfs", 0, NULL) == 0);
    int fd = make("m/d/f");
    CHECK(write(fd, "x", 1) == 1 && fails(umount("m"), EBUSY) && fails(umount("m/d"), EBUSY));
    CHECK(umount2("m", MNT_DETACH) == 0 && fails(access("m/d", F_OK), ENOENT) && line_of("m")[0] == 0 && line_of("m/d")[0] == 0);
    CHECK(pread(fd, &c, 1, 0) == 1 && c == 'x' && write(fd, "y", 1) == 1 && close(fd) == 0);
    CHECK(mount_tmpfs(0, "") == 0 && chdir("m") == 0 && close(make("f")) == 0 && umount2(".", MNT_DETACH) == 0);
    CHECK(access("f", F_OK) == 0 && fails(access("../m", F_OK), ENOENT) && close(make("g")) == 0);
    CHECK(chdir(here) == 0 && fails(access("m/f", F_OK), ENOENT) && rmdir("m") == 0 && mkdir("m", 0755) == 0);
}

/* File systems that keep nothing go like others, and stay while somebody is in them. */
static void check_generated(void)
{
    CHECK(mount("proc", "m", "proc", 0, NULL) == 0 && access("m/self/stat", F_OK) == 0 && umount("m") == 0);
    CHECK(mount("proc", "m", "proc", 0, NULL) == 0);
    int fd = open("m/version", O_RDONLY);
    CHECK(fd >= 0 && fails(umount("m"), EBUSY) && close(fd) == 0 && chdir("m") == 0 && fails(umount(here), EINVAL));
    CHECK(fails(umount("."), EBUSY) && chdir(here) == 0 && umount("m") == 0 && fails(access("m/version", F_OK), ENOENT));
    CHECK(mount("devpts", "m", "devpts", 0, NULL) == 0 && umount("m") == 0);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) /* what runs with the set-user-id bit: who am I */
        return (int)(geteuid() % 256);
    work_in_tmp("mount_calls");
    if (!getcwd(here, sizeof here))
        return 1;
    CHECK(mkdir("m", 0755) == 0);
    check_readonly();
    check_programs_and_devices();
    check_limits();
    check_access_times();
    check_hard_links_count();
    check_places();
    check_detach();
    check_generated();
    CHECK(rmdir("m") == 0);
    return check_result();
}
