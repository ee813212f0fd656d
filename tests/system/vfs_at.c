/* The calls on names that start at a directory, the old ones without a directory, and attributes: each by its own
 * number, whatever the C library would use. */
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <utime.h>

#define CALL(name, ...) syscall(SYS_##name, __VA_ARGS__)

static int dir;

/* struct statx of linux/stat.h; not every C library has it. */
struct when { int64_t sec; uint32_t nsec, pad; };
struct statx_here {
    uint32_t mask, blksize;
    uint64_t attributes;
    uint32_t nlink, uid, gid;
    uint16_t mode, pad;
    uint64_t ino, size, blocks, attributes_mask;
    struct when atime, btime, ctime, mtime;
    uint32_t rdev[2], dev[2];
    uint64_t mnt_id, spare[13];
};
enum { BASIC = 0x7ff, BTIME = 0x800, MNT_ID = 0x1000, MOUNT_ROOT = 0x2000 };

static void check_at(void)
{
    struct stat st;
    char buf[16] = "";
    SHOW(CALL(mknodat, dir, "f", S_IFREG | 0640, 0));
    SHOW(CALL(mknodat, dir, "p", S_IFIFO | 0600, 0));
    SHOW(CALL(mknodat, dir, "f", S_IFREG | 0640, 0));
    SHOW(CALL(mknodat, -1, "f", S_IFREG | 0640, 0));
    SHOW(CALL(symlinkat, "f", dir, "l"));
    SHOW(CALL(symlinkat, "", dir, "e"));
    SHOW(CALL(readlinkat, dir, "l", buf, sizeof buf));
    SHOW(CALL(readlinkat, dir, "f", buf, sizeof buf));
    SHOW(CALL(readlinkat, dir, "l", buf, 0));
    SHOW(CALL(fchmodat, dir, "f", 0604));
    SHOW(CALL(fchmodat, dir, "l", 0600));
    SHOW(CALL(fchownat, dir, "f", getuid(), getgid(), 0));
    SHOW(CALL(fchownat, dir, "l", -1, -1, AT_SYMLINK_NOFOLLOW));
    SHOW(CALL(fchownat, dir, "", -1, -1, AT_EMPTY_PATH));
    SHOW(CALL(fchownat, dir, "f", -1, -1, 0x8000));
    SHOW(CALL(linkat, AT_FDCWD, "", dir, "cwd", AT_EMPTY_PATH));
    SHOW(CALL(linkat, AT_FDCWD, "", dir, "none/x", AT_EMPTY_PATH));
    SHOW(CALL(linkat, AT_FDCWD, "", dir, "", AT_EMPTY_PATH));
    SHOW(CALL(linkat, dir, "", dir, "itself", AT_EMPTY_PATH));
    SHOW(CALL(newfstatat, dir, "f", &st, 0));
    CHECK(st.st_mode == (S_IFREG | 0600) && st.st_nlink == 1);
    SHOW(CALL(newfstatat, dir, "l", &st, AT_SYMLINK_NOFOLLOW));
    CHECK(S_ISLNK(st.st_mode) && st.st_size == 1);
    SHOW(CALL(newfstatat, dir, "", &st, AT_EMPTY_PATH));
    CHECK(S_ISDIR(st.st_mode));
    SHOW(CALL(newfstatat, dir, "", &st, 0));
    SHOW(CALL(newfstatat, dir, "f/", &st, 0));
    SHOW(CALL(newfstatat, dir, "f/x", &st, 0));
    SHOW(CALL(newfstatat, dir, "f", &st, 0x10000));
    SHOW(CALL(newfstatat, dir, "f", (void *)8, 0));
    SHOW(CALL(faccessat, dir, "f", R_OK | W_OK));
    SHOW(CALL(faccessat, dir, "none", F_OK));
    SHOW(CALL(faccessat, dir, "f", 8));
    SHOW(CALL(faccessat2, dir, "l", F_OK, AT_SYMLINK_NOFOLLOW));
    SHOW(CALL(faccessat2, dir, "f", F_OK, AT_EACCESS));
    SHOW(CALL(faccessat2, dir, "f", F_OK, 1));
    SHOW(CALL(renameat, dir, "f", dir, "g"));
    SHOW(CALL(renameat, dir, "f", dir, "g"));
    SHOW(CALL(renameat, dir, "g", -1, "f"));
    SHOW(CALL(renameat, dir, "g", dir, "f"));
}

static void check_times(void)
{
    struct stat st;
    struct utimbuf u = { 11, 22 };
    struct timeval tv[2] = { { 33, 44 }, { 55, 66 } }, bad[2] = { { 1, 1000000 }, { 1, 0 } };
    SHOW(CALL(utime, "d/f", &u));
    CHECK(stat("d/f", &st) == 0 && st.st_atime == 11 && st.st_mtime == 22 && st.st_ctime > 1000000000);
    SHOW(CALL(utimes, "d/f", tv));
    CHECK(stat("d/f", &st) == 0 && st.st_atim.tv_sec == 33 && st.st_atim.tv_nsec == 44000 && st.st_mtim.tv_sec == 55 && st.st_mtim.tv_nsec == 66000);
    SHOW(CALL(utimes, "d/f", bad));
    tv[0].tv_sec = 77;
    SHOW(CALL(futimesat, dir, "f", tv));
    CHECK(stat("d/f", &st) == 0 && st.st_atime == 77);
    SHOW(CALL(futimesat, dir, "f", bad));
    SHOW(CALL(utime, "none", NULL));
    SHOW(CALL(utime, "d/f", NULL));
    CHECK(stat("d/f", &st) == 0 && st.st_mtime > 1000000000);
}

static void check_statx(void)
{
    struct statx_here sx;
    struct stat st;
    SHOW(CALL(statx, dir, "f", 0, BASIC | BTIME | MNT_ID, &sx));
    CHECK(stat("d/f", &st) == 0 && sx.ino == st.st_ino && sx.mode == st.st_mode && sx.nlink == 1 && sx.uid == st.st_uid);
    CHECK((sx.mask & BASIC) == BASIC && sx.mask & MNT_ID && sx.mnt_id != 0);
    CHECK(sx.mtime.sec == st.st_mtim.tv_sec && sx.mtime.nsec == st.st_mtim.tv_nsec);
    SHOW(CALL(statx, AT_FDCWD, "/proc", 0, BASIC, &sx));
    CHECK(sx.attributes_mask & MOUNT_ROOT && sx.attributes & MOUNT_ROOT); /* the root of a mount */
    SHOW(CALL(statx, dir, "f", 0, BASIC, &sx));
    CHECK(!(sx.attributes & MOUNT_ROOT));
    SHOW(CALL(statx, dir, "f", 0x6000, 0, &sx));
    SHOW(CALL(statx, dir, "f", 0, 0x80000000u, &sx));
    SHOW(CALL(statx, dir, "f", 0x80000, 0, &sx));
    SHOW(CALL(statx, dir, "none", 0, 0, &sx));
    SHOW(CALL(statx, dir, "f", 0, 0, (void *)8));
}

static void check_old(void)
{
    struct stat st;
    struct statfs fs;
    char buf[1024];
    int fd = (int)CALL(creat, "d/new", 0640);
    CHECK(fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 0777) == 0640 && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY);
    SHOW(write(fd, "abc", 3));
    SHOW(CALL(fchown, fd, getuid(), -1));
    SHOW(CALL(lchown, "d/l", -1, getgid()));
    SHOW(CALL(fdatasync, fd));
    SHOW(CALL(syncfs, fd));
    SHOW(CALL(fadvise64, fd, 0L, 0L, POSIX_FADV_DONTNEED));
    SHOW(CALL(fadvise64, fd, 0L, 0L, 99));
    SHOW(CALL(fadvise64, fd, 0L, -1L, 0));
    SHOW(CALL(fstatfs, fd, &fs));
    CHECK(fs.f_bsize > 0 && fs.f_namelen == 255 && fs.f_flags & 0x20);
    SHOW(CALL(fstatfs, fd, (void *)8));
    SHOW(CALL(fstatfs, -1, &fs));
    close(fd);
    int fds[2];
    CHECK(pipe(fds) == 0);
    SHOW(CALL(fdatasync, fds[0]));
    SHOW(CALL(fstatfs, fds[0], &fs));
    CHECK(fs.f_type == 0x50495045 && fs.f_bsize == 4096 && fs.f_namelen == 255);
    close(fds[0]), close(fds[1]);
    int names = 0;
    for (long n; (n = CALL(getdents, dir, buf, sizeof buf)) > 0;)
        for (long at = 0; at < n; at += *(unsigned short *)(buf + at + 16)) /* struct linux_dirent: d_reclen; the type is the last byte */
            names += buf[at + *(unsigned short *)(buf + at + 16) - 1] == DT_REG;
    SHOW(names);
    CHECK(lseek(dir, 0, SEEK_SET) == 0);
    SHOW(CALL(getdents, dir, buf, 1));
    unlink("d/new");
}

int main(void)
{
    work_in_tmp("vfs_at");
    CHECK(mkdir("d", 0755) == 0);
    dir = open("d", O_RDONLY | O_DIRECTORY);
    check_at();
    check_times();
    check_statx();
    check_old();
    unlink("d/f"), unlink("d/p"), unlink("d/l"), rmdir("d");
    return check_result();
}
