/* The names of open files: what /proc/self/fd, exe, cwd and maps show while files are renamed, linked,
 * removed and mapped. */
#include "check.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static char base[PATH_MAX];

/* What the link shows, without the directory this runs in. */
static const char *shown(const char *link)
{
    static char text[PATH_MAX + 1];
    ssize_t n = readlink(link, text, PATH_MAX);
    if (n < 0)
        return strerror(errno);
    text[n] = 0;
    return strncmp(text, base, strlen(base)) == 0 ? text + strlen(base) : text;
}

static const char *fd_name(int fd)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return shown(link);
}

static void check_files(void)
{
    int fd = open("one", O_RDWR | O_CREAT, 0600);
    printf("made: %s\n", fd_name(fd));
    rename("one", "two");
    printf("renamed: %s\n", fd_name(fd));
    mkdir("dir", 0755);
    rename("two", "dir/two");
    printf("moved: %s\n", fd_name(fd));
    rename("dir", "dir2");
    printf("directory renamed: %s\n", fd_name(fd));
    unlink("dir2/two");
    printf("removed: %s\n", fd_name(fd));
    rmdir("dir2");
    printf("directory removed: %s\n", fd_name(fd));
    close(fd);
    fd = open("a", O_RDWR | O_CREAT, 0600);
    link("a", "b");
    unlink("b");
    printf("the other name removed: %s\n", fd_name(fd));
    int over = open("c", O_RDWR | O_CREAT, 0600);
    rename("a", "c");
    printf("replaced: %s\n", fd_name(over));
    printf("by: %s\n", fd_name(fd));
    close(fd), close(over), unlink("c");
}

static void check_directories(void)
{
    mkdir("cwd", 0755);
    mkdir("cwd/deep", 0755);
    CHECK(chdir("cwd/deep") == 0);
    printf("cwd: %s\n", shown("/proc/self/cwd"));
    rename("../../cwd", "../../cwd2");
    printf("renamed: %s\n", shown("/proc/self/cwd"));
    rmdir("../../cwd2/deep");
    printf("removed: %s\n", shown("/proc/self/cwd"));
    char buf[PATH_MAX];
    SHOW(syscall(SYS_getcwd, buf, sizeof buf));
    CHECK(chdir(base) == 0 && rmdir("cwd2") == 0);
}

static bool map_line(void *at, char *line, size_t size)
{
    FILE *f = fopen("/proc/self/maps", "r");
    bool found = false;
    while (f && !found && fgets(line, (int)size, f))
        found = strtoul(line, NULL, 16) == (unsigned long)at;
    if (f)
        fclose(f);
    return found;
}

static void check_maps(void)
{
    char line[PATH_MAX + 200], expected[PATH_MAX + 20];
    struct stat st;
    int fd = open("mapped", O_RDWR | O_CREAT, 0600);
    CHECK(ftruncate(fd, 8192) == 0 && fstat(fd, &st) == 0);
    char *p = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    CHECK(p != MAP_FAILED && map_line(p, line, sizeof line));
    snprintf(expected, sizeof expected, "%s/mapped\n", base);
    CHECK(strlen(line) == 73 + strlen(expected) && strcmp(line + 73, expected) == 0);
    unsigned long ino = 0;
    CHECK(sscanf(line, "%*x-%*x r--s 00000000 %*x:%*x %lu", &ino) == 1 && ino == st.st_ino);
    unlink("mapped");
    snprintf(expected, sizeof expected, "%s/mapped (deleted)\n", base);
    CHECK(map_line(p, line, sizeof line) && strcmp(line + 73, expected) == 0);
    munmap(p, 8192);
    p = mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(map_line(p, line, sizeof line) && strcmp(line + 73, "/dev/zero (deleted)\n") == 0);
    munmap(p, 4096);
}

/* What has no name of its own can be looked at by its link all the same, and is the same file. */
static void nameless_stat(const char *what, int fd)
{
    struct stat by_link, by_fd;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    CHECK(stat(link, &by_link) == 0 && fstat(fd, &by_fd) == 0);
    int opened = open(link, O_RDONLY | O_NONBLOCK), error = errno;
    printf("%s: mode %o, same %d, open %d %s\n", what, (unsigned)by_link.st_mode, by_link.st_ino == by_fd.st_ino && by_link.st_dev == by_fd.st_dev,
           opened >= 0, strerror(error));
    int path = open(link, O_PATH);
    CHECK(path >= 0 && fstat(path, &by_link) == 0 && by_link.st_ino == by_fd.st_ino);
    close(path);
}

static void check_nameless(void)
{
    int s = socket(AF_UNIX, SOCK_STREAM, 0), e = eventfd(0, 0), t = socket(AF_INET, SOCK_DGRAM, 0), p = epoll_create(1);
    nameless_stat("unix", s);
    nameless_stat("inet", t);
    nameless_stat("event", e);
    nameless_stat("epoll", p);
    close(s), close(e), close(t), close(p);
}

int main(int argc, char **argv)
{
    (void)argc;
    char dir[64], exe[PATH_MAX];
    CHECK(realpath(argv[0], exe) && strcmp(shown("/proc/self/exe"), exe) == 0);
    snprintf(dir, sizeof dir, "/tmp/vfs_names.%d", (int)getpid());
    CHECK(mkdir(dir, 0755) == 0 && chdir(dir) == 0 && getcwd(base, sizeof base));
    check_files();
    check_directories();
    check_maps();
    check_nameless();
    int fd = (int)syscall(SYS_memfd_create, "shared things", 0);
    printf("memfd: %s\n", fd_name(fd));
    close(fd);
    CHECK(chdir("/") == 0 && rmdir(dir) == 0);
    return failures != 0;
}
