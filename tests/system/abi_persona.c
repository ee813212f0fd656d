/* personality: what a process and its programs keep of it, and that ADDR_NO_RANDOMIZE puts everything in
 * the same place again. */
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#define WHERE_BYTES 256

static void where(char *out)
{
    int on_stack;
    void *mapped = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    snprintf(out, WHERE_BYTES, "%p %p %p %p", (void *)&on_stack, sbrk(0), mapped, (void *)where);
}

static void run_again(char *const argv[], char *out)
{
    int p[2];
    CHECK(pipe(p) == 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(p[1], 1);
        execv("/proc/self/exe", argv);
        _exit(127);
    }
    close(p[1]);
    ssize_t n = read(p[0], out, WHERE_BYTES - 1);
    out[n > 0 ? n : 0] = 0;
    close(p[0]);
    waitpid(child, NULL, 0);
}

static void same_places(void)
{
    char *const argv[] = { "abi_persona", "where", NULL };
    char a[WHERE_BYTES], b[WHERE_BYTES], c[WHERE_BYTES];
    run_again(argv, a);
    run_again(argv, b);
    CHECK(strcmp(a, b) != 0);
    bool refused = personality(ADDR_NO_RANDOMIZE) == -1 && errno == EPERM; /* by a container */
    run_again(argv, b);
    run_again(argv, c);
    CHECK(refused || (b[0] && strcmp(b, c) == 0));
    CHECK(refused || personality(0xffffffff) == ADDR_NO_RANDOMIZE);
    CHECK(refused || personality(0) == ADDR_NO_RANDOMIZE);
}

static void machine_of_32_bits(void)
{
    struct utsname u;
    SHOW(personality(PER_LINUX32));
    uname(&u);
    printf("%s\n", u.machine);
    SHOW(personality(PER_LINUX));
    uname(&u);
    printf("%s\n", u.machine);
}

static void sums(void)
{
    struct sysinfo i;
    CHECK(sysinfo(&i) == 0 && i.mem_unit > 0 && i.totalram > i.freeram && i.procs > 0);
}

static void readable(const char *path)
{
    char text[256];
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, text, sizeof text);
    printf("%s %s\n", path, n > 0 && text[n - 1] == '\n' ? "is a line" : "is none");
    close(fd);
    CHECK(open(path, O_RDONLY | O_DIRECTORY) == -1 && errno == ENOTDIR);
}

int main(int argc, char **argv)
{
    char text[WHERE_BYTES];
    (void)argv;
    if (argc > 1) {
        where(text);
        return write(1, text, strlen(text)) < 0;
    }
    same_places();
    machine_of_32_bits();
    sums();
    readable("/proc/sys/kernel/cap_last_cap");
    readable("/proc/sys/kernel/shmmax");
    readable("/proc/sys/kernel/msgmni");
    readable("/proc/sys/kernel/sem");
    readable("/proc/sys/kernel/randomize_va_space");
    readable("/proc/sys/fs/inotify/max_user_watches");
    readable("/proc/sys/net/core/somaxconn");
    readable("/proc/sys/vm/max_map_count");
    return check_result();
}
