/* Capabilities: lowered by capset, bounded, kept and lost by changes of the user and by execve, and what
 * they allow. Begins by dropping what a container may lack anyway, so that it does not matter. */
#include "check.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* linux/capability.h, linux/securebits.h */
#define VERSION_1 0x19980330
#define VERSION_3 0x20080522
struct cap_header { unsigned version; int pid; };
struct cap_data { unsigned effective, permitted, inheritable; };
enum { CAP_CHOWN = 0, CAP_DAC_OVERRIDE = 1, CAP_FOWNER = 3, CAP_FSETID = 4, CAP_KILL = 5, CAP_SETGID = 6, CAP_SETUID = 7,
       CAP_SETPCAP = 8, CAP_NET_BIND_SERVICE = 10, CAP_SYS_ADMIN = 21 };
enum { SECBIT_NOROOT = 1, SECBIT_NOROOT_LOCKED = 2, SECBIT_NO_SETUID_FIXUP = 4, SECBIT_KEEP_CAPS_LOCKED = 32,
       SECBIT_NO_CAP_AMBIENT_RAISE = 64 };

#define BIT(cap) (1ull << (cap))
#define OURS (BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_KILL) | \
              BIT(CAP_SETGID) | BIT(CAP_SETUID) | BIT(CAP_SETPCAP) | BIT(CAP_NET_BIND_SERVICE))
#define SOMEBODY 1234

static int self; /* this program: its path may not be for everybody */

static int capset_raw(unsigned long long effective, unsigned long long permitted, unsigned long long inheritable)
{
    struct cap_header h = { VERSION_3, 0 };
    struct cap_data d[2];
    for (int i = 0; i < 2; i++)
        d[i] = (struct cap_data){ (unsigned)(effective >> 32 * i), (unsigned)(permitted >> 32 * i), (unsigned)(inheritable >> 32 * i) };
    return (int)syscall(SYS_capset, &h, d);
}

static void show_caps(const char *when)
{
    char text[8192];
    int fd = open("/proc/self/status", O_RDONLY);
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    printf("%s:", when);
    for (char *at = text; (at = strstr(at, "\nCap")); at++)
        printf(" %.3s=%.16s", at + 4, at + 9);
    printf(" secure=%d keep=%d\n", prctl(PR_GET_SECUREBITS), prctl(PR_GET_KEEPCAPS));
    fflush(stdout);
}

static void begin(void)
{
    for (int cap = 0; cap < 64; cap++)
        if (prctl(PR_CAPBSET_READ, cap) == 1 && !(OURS & BIT(cap)))
            prctl(PR_CAPBSET_DROP, cap);
    CHECK(capset_raw(OURS, OURS, 0) == 0);
    show_caps("at first");
}

static void again(const char *argument)
{
    char *const argv[] = { "abi_caps", (char *)argument, NULL }, *const envp[] = { NULL };
    fflush(stdout);
    fexecve(self, argv, envp);
    printf("exec: %s\n", strerror(errno));
}

/* --- capget and capset --- */

static void versions(void)
{
    struct cap_header h = { 0x12345678, 0 };
    struct cap_data d[2] = { { 0 } };
    SHOW(syscall(SYS_capget, &h, d));
    printf("version %x\n", h.version);
    h.version = 1;
    SHOW(syscall(SYS_capget, &h, NULL));
    h.version = VERSION_1;
    d[1].effective = 77;
    SHOW(syscall(SYS_capget, &h, d));
    printf("%x %x %x, %x\n", d[0].effective, d[0].permitted, d[0].inheritable, d[1].effective);
    h.pid = -1;
    SHOW(syscall(SYS_capget, &h, d));
    h.pid = 1;
    SHOW(syscall(SYS_capset, &h, d));
    h.pid = 0;
    SHOW(syscall(SYS_capget, NULL, d));
    SHOW(syscall(SYS_capset, &h, (void *)8));
}

static void only_less(void)
{
    SHOW(capset_raw(OURS, OURS | BIT(CAP_SYS_ADMIN), 0));
    SHOW(capset_raw(OURS, OURS & ~BIT(CAP_KILL), 0));
    SHOW(capset_raw(0, OURS, OURS | BIT(CAP_SYS_ADMIN)));
    SHOW(capset_raw(0, OURS, BIT(CAP_CHOWN)));
    show_caps("nothing effective");
    SHOW(setuid(SOMEBODY));
    SHOW(setgid(SOMEBODY));
    SHOW(setgroups(0, NULL));
    SHOW(prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0));
    SHOW(capset_raw(OURS & ~BIT(CAP_KILL), OURS & ~BIT(CAP_KILL), BIT(CAP_CHOWN)));
    SHOW(capset_raw(OURS, OURS, 0));
    show_caps("without KILL");
}

static void bounded(void)
{
    SHOW(prctl(PR_CAPBSET_DROP, CAP_KILL, 0, 0, 0));
    SHOW(prctl(PR_CAPBSET_DROP, 200, 0, 0, 0));
    SHOW(prctl(PR_CAPBSET_READ, CAP_KILL, 0, 0, 0));
    SHOW(capset_raw(OURS, OURS, BIT(CAP_KILL)));
    show_caps("bounded");
    again("bounded");
}

/* --- changes of the user --- */

static void users_come_and_go(void)
{
    SHOW(seteuid(SOMEBODY));
    show_caps("seteuid");
    SHOW(seteuid(0));
    show_caps("and back");
    SHOW(syscall(SYS_setfsuid, SOMEBODY));
    show_caps("setfsuid");
    SHOW(syscall(SYS_setfsuid, 0));
    show_caps("and back");
    SHOW(setuid(SOMEBODY));
    show_caps("setuid");
    SHOW(setuid(0));
}

static void keeping(void)
{
    SHOW(prctl(PR_SET_KEEPCAPS, 1));
    SHOW(setuid(SOMEBODY));
    show_caps("kept");
    SHOW(capset_raw(BIT(CAP_CHOWN), OURS, 0));
    again("kept");
}

static void ambient(void)
{
    SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
    SHOW(capset_raw(OURS, OURS, BIT(CAP_CHOWN) | BIT(CAP_KILL)));
    SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
    SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
    SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 200, 0, 0));
    SHOW(prctl(PR_CAP_AMBIENT, 9, CAP_KILL, 0, 0));
    SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0));
    SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_KILL, 0, 0));
    SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0));
    SHOW(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP));
    SHOW(setuid(SOMEBODY));
    show_caps("with ambient ones");
    again("with ambient ones");
}

static void ambient_goes(void)
{
    SHOW(capset_raw(OURS, OURS, BIT(CAP_CHOWN)));
    SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
    SHOW(capset_raw(OURS, OURS, 0));
    show_caps("not to be inherited");
    SHOW(prctl(PR_SET_SECUREBITS, SECBIT_NO_CAP_AMBIENT_RAISE));
    SHOW(capset_raw(OURS, OURS, BIT(CAP_CHOWN)));
    SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
    SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
}

static void no_root(void)
{
    SHOW(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED));
    SHOW(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED));
    SHOW(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_KEEP_CAPS_LOCKED));
    SHOW(prctl(PR_SET_SECUREBITS, 0x10000));
    SHOW(prctl(PR_SET_KEEPCAPS, 1));
    again("no root");
}

/* A program that may gain nothing has what it had, though it runs as user 0. */
static void no_new(void)
{
    SHOW(capset_raw(BIT(CAP_CHOWN), BIT(CAP_CHOWN), 0));
    SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    again("no new ones");
}

static void root_again(void)
{
    SHOW(capset_raw(0, 0, 0));
    again("user 0 again");
}

/* --- what they allow --- */

static void files(void)
{
    int fd = open("f", O_CREAT | O_RDWR, 0600);
    CHECK(fd >= 0);
    SHOW(chown("f", SOMEBODY, SOMEBODY));
    SHOW(capset_raw(OURS & ~(BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) | BIT(CAP_CHOWN)), OURS, 0));
    SHOW(open("f", O_RDONLY));
    SHOW(chmod("f", 0644));
    SHOW(chown("f", 0, 0));
    SHOW(access("f", R_OK)); /* by what is permitted */
    SHOW(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS));
    SHOW(capset_raw(BIT(CAP_FOWNER), OURS, 0));
    SHOW(chmod("f", 0606));
    SHOW(chown("f", 0, 0));
    SHOW(capset_raw(BIT(CAP_CHOWN), OURS, 0));
    SHOW(chown("f", 0, 0));
    SHOW(chmod("f", 0000));
    SHOW(open("f", O_RDONLY));
    SHOW(capset_raw(OURS, OURS, 0));
    SHOW(close(open("f", O_RDWR)));
    SHOW(mknod("n", S_IFCHR | 0600, 0x103));
    SHOW(chroot("."));
    SHOW(sethostname("x", 1));
    close(fd);
}

static void signals(void)
{
    int ready[2];
    char byte;
    CHECK(pipe(ready) == 0);
    pid_t child = fork();
    if (child == 0) {
        if (setuid(SOMEBODY) || write(ready[1], "", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    CHECK(read(ready[0], &byte, 1) == 1);
    SHOW(kill(child, 0));
    SHOW(capset_raw(OURS & ~BIT(CAP_KILL), OURS, 0));
    SHOW(kill(child, 0));
    CHECK(kill(1, 0) == 0); /* the same user */
    SHOW(seteuid(SOMEBODY + 1));
    SHOW(kill(1, 0)); /* the real one still */
    SHOW(seteuid(0));
    SHOW(capset_raw(OURS, OURS, 0));
    SHOW(kill(child, SIGKILL));
    CHECK(waitpid(child, NULL, 0) == child);
}

/* --- set-id bits of files whose contents change --- */

static void show_bits(int fd, const char *what)
{
    struct stat st;
    CHECK(fstat(fd, &st) == 0);
    printf("%s: %o\n", what, st.st_mode & 07777);
    CHECK(fchmod(fd, 06775) == 0);
}

static void change_contents(void)
{
    int fd = open("s", O_RDWR | O_CREAT, 0600), other = open("other", O_RDWR | O_CREAT, 0600);
    CHECK(fd >= 0 && write(other, "other", 5) == 5 && lseek(other, 0, SEEK_SET) == 0 && fchmod(fd, 06775) == 0);
#define CHANGE(call) (void)!(call), show_bits(fd, #call)
    CHANGE(write(fd, "", 0));
    CHANGE(write(fd, "12345", 5));
    CHANGE(sendfile(fd, other, NULL, 5));
    CHANGE(ftruncate(fd, 3));
    CHANGE(truncate("s", 5000));
    CHANGE(fallocate(fd, 0, 0, 9000));
    CHANGE(close(open("s", O_WRONLY | O_TRUNC)));
    CHECK(fchmod(fd, 02765) == 0);
    CHANGE(write(fd, "set-gid, without execute", 24)); /* marks a file with mandatory locks */
    CHECK(close(fd) == 0 && close(other) == 0);
}

static void set_id_bits(void)
{
    change_contents();
    SHOW(capset_raw(OURS & ~BIT(CAP_FSETID), OURS, 0));
    change_contents();
    CHECK(unlink("s") == 0 && unlink("other") == 0);
}

static void apart(void (*what)(void), const char *name)
{
    printf("--- %s\n", name);
    CHECK(status_of(what) == 0);
}

int main(int argc, char **argv)
{
    self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (argc > 1) {
        show_caps(argv[1]);
        return 0;
    }
    umask(022);
    begin();
    apart(versions, "versions");
    apart(only_less, "only less");
    apart(bounded, "bounded");
    apart(users_come_and_go, "users come and go");
    apart(keeping, "keeping");
    apart(ambient, "ambient");
    apart(ambient_goes, "ambient goes");
    apart(no_root, "no root");
    apart(no_new, "no new ones");
    apart(root_again, "user 0 again");
    apart(signals, "signals");
    work_in_tmp("abi_caps");
    apart(files, "files");
    SHOW(unlink("f"));
    apart(set_id_bits, "set-id bits");
    return check_result();
}
