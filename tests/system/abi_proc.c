/* What /proc/PID says of this process and lets it set: peaks of memory, descriptors, names, and how
 * gladly it dies. */
#include "check.h"
#include "text.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

static int set_text(const char *path, const char *value)
{
    int fd = open(path, O_WRONLY | O_TRUNC);
    ssize_t n = fd >= 0 ? write(fd, value, strlen(value)) : -1;
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
    return n == (ssize_t)strlen(value) ? 0 : -1;
}

static long kib_of(const char *name)
{
    const char *at = strstr(text_of("/proc/self/status"), name);
    return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

static void peaks_outlive_what_made_them(void)
{
    const size_t size = 16 << 20;
    long mapped = kib_of("VmSize:"), resident = kib_of("VmRSS:");
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(p, 1, size);
    munmap(p, size);
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    CHECK(kib_of("VmPeak:") >= mapped + (16 << 10) && kib_of("VmSize:") < mapped + (1 << 10));
    CHECK(kib_of("VmHWM:") >= resident + (15 << 10) && kib_of("VmRSS:") < resident + (1 << 10));
    CHECK(u.ru_maxrss >= resident + (15 << 10));
}

static void show_fdinfo(int fd, const char *field)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    const char *at = strstr(text_of(path), field);
    printf("%.*s\n", at ? (int)strcspn(at, "\n") : 4, at ? at : "none");
    fflush(stdout);
}

static void descriptors_say_what_they_are(void)
{
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), counter = eventfd(7, 0), port = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event e = { .events = EPOLLIN, .data.u64 = 0x1234 };
    int out = open("/dev/null", O_WRONLY | O_APPEND | O_NONBLOCK);
    CHECK(epoll_ctl(port, EPOLL_CTL_ADD, counter, &e) == 0);
    lseek(file, 123, SEEK_SET);
    show_fdinfo(file, "pos:");
    show_fdinfo(file, "flags:");
    show_fdinfo(out, "flags:");
    show_fdinfo(counter, "eventfd-count:");
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", port);
    CHECK(strstr(text_of(path), "events:       19 data:             1234") != NULL);
    CHECK(access("/proc/self/fdinfo/1000", F_OK) == -1 && errno == ENOENT);
    close(file), close(counter), close(port), close(out);
}

static void *renamed(void *path)
{
    char name[32] = "";
    snprintf(path, 64, "/proc/self/task/%ld/comm", syscall(SYS_gettid));
    CHECK(set_text(path, "worker") == 0 && strcmp(text_of(path), "worker\n") == 0);
    CHECK(prctl(PR_GET_NAME, name) == 0 && strcmp(name, "worker") == 0);
    return NULL;
}

static void names_can_be_written(void)
{
    char name[32] = "", path[64];
    pthread_t t;
    CHECK(set_text("/proc/self/comm", "a longer name than fits") == 0);
    CHECK(strcmp(text_of("/proc/self/comm"), "a longer name t\n") == 0);
    CHECK(prctl(PR_GET_NAME, name) == 0 && strcmp(name, "a longer name t") == 0);
    pthread_create(&t, NULL, renamed, path);
    pthread_join(t, NULL);
    CHECK(strcmp(text_of("/proc/self/comm"), "a longer name t\n") == 0);
    CHECK(set_text("/proc/1/comm", "x") == -1 && (errno == EINVAL || errno == EACCES || errno == EPERM));
}

static void child_has_parents_adj(void)
{
    if (strcmp(text_of("/proc/self/oom_score_adj"), "700\n"))
        _exit(1);
}

static void deaths_can_be_ordered(void)
{
    CHECK(set_text("/proc/self/oom_score_adj", "700") == 0);
    CHECK(strcmp(text_of("/proc/self/oom_score_adj"), "700\n") == 0);
    CHECK(atoi(text_of("/proc/self/oom_score")) >= 400);
    CHECK(status_of(child_has_parents_adj) == 0);
    CHECK(set_text("/proc/self/oom_score_adj", "1001") == -1 && errno == EINVAL);
    CHECK(set_text("/proc/self/oom_score_adj", "many") == -1 && errno == EINVAL);
    CHECK(set_text("/proc/self/oom_score_adj", "1000\n") == 0);
    CHECK(access("/proc/self/oom_score_adj", W_OK) == 0);
}

static char **arguments, **environment;

static ssize_t own_line(char *line, size_t size)
{
    int fd = open("/proc/self/cmdline", O_RDONLY);
    memset(line, 0, size);
    ssize_t n = read(fd, line, size);
    close(fd);
    return n;
}

/* Over the arguments, and on over the environment: a title is one string. */
static void titles(void)
{
    static char line[8192];
    char *from = arguments[0], *end = from, *last = from;
    while (*arguments)
        end = *arguments + strlen(*arguments) + 1, arguments++;
    while (*environment)
        last = *environment + strlen(*environment) + 1, environment++;
    size_t args = (size_t)(end - from);
    CHECK(last > end + 6 && own_line(line, sizeof line) == (ssize_t)args);
    memset(from, 0, (size_t)(last - from));
    memset(from, 'x', args - 1);
    CHECK(own_line(line, sizeof line) == (ssize_t)args && strlen(line) == args - 1);
    memset(from, 'y', args + 5);
    CHECK(own_line(line, sizeof line) == (ssize_t)args + 6 && strlen(line) == args + 5);
}

/* An editor takes another time for another's change. */
static void times_stand_still(void)
{
    static const char *const paths[] = { "/proc/cpuinfo", "/proc/self/status", "/proc/sys/kernel/hostname" };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct stat first, second;
        int fd = open(paths[i], O_RDONLY);
        CHECK(fd >= 0 && fstat(fd, &first) == 0);
        usleep(20000);
        CHECK(stat(paths[i], &second) == 0);
        CHECK(first.st_mtim.tv_sec == second.st_mtim.tv_sec && first.st_mtim.tv_nsec == second.st_mtim.tv_nsec);
        CHECK(first.st_mtim.tv_sec > 0 && first.st_mtim.tv_sec <= time(NULL));
        close(fd);
    }
}

int main(int argc, char **argv, char **env)
{
    arguments = argv, environment = env;
    CHECK(argc == 1 && status_of(titles) == 0);
    peaks_outlive_what_made_them();
    descriptors_say_what_they_are();
    names_can_be_written();
    deaths_can_be_ordered();
    times_stand_still();
    return check_result();
}
