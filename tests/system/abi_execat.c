/* execveat and fexecve: by descriptor, by directory, through links, and what the program then sees. */
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define EMPTY_PATH 0x1000
#define NOFOLLOW 0x100

static char self_path[256];
static char *const no_env[] = { NULL };
static char **volatile bad_pointer = (char **)8;

/* The status of a child that makes the call, or 100 + its error. */
static int run(int dirfd, const char *path, int flags, char *const argv[])
{
    int raw = -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        syscall(SYS_execveat, dirfd, path, argv, no_env, flags);
        _exit(100 + errno);
    }
    return waitpid(pid, &raw, 0) == pid && WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
}

static char *const shown[] = { "prog", "show", NULL };
static char *const quiet[] = { "prog", "quiet", NULL };

static void copy_self(const char *to, int mode)
{
    static char bytes[1 << 16];
    int in = open(self_path, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0700);
    ssize_t n;
    while ((n = read(in, bytes, sizeof bytes)) > 0)
        if (write(out, bytes, (size_t)n) != n)
            break;
    close(in), close(out);
    chmod(to, (mode_t)mode);
}

static int memory_copy(unsigned flags)
{
    static char bytes[1 << 16];
    int in = open(self_path, O_RDONLY), out = (int)syscall(SYS_memfd_create, "prog", flags);
    ssize_t n;
    while ((n = read(in, bytes, sizeof bytes)) > 0)
        if (write(out, bytes, (size_t)n) != n)
            break;
    close(in);
    return out;
}

static void by_directory(int dir)
{
    SHOW(run(dir, "prog", 0, shown));
    SHOW(run(dir, "./prog", 0, shown));
    SHOW(run(dir, "none", 0, quiet));
    SHOW(run(dir, "prog/x", 0, quiet));
    SHOW(run(dir, "link", 0, shown));
    SHOW(run(dir, "link", NOFOLLOW, quiet));
    SHOW(run(dir, "prog", NOFOLLOW, quiet));
    SHOW(run(dir, "not-executable", 0, quiet));
    SHOW(run(dir, ".", 0, quiet));
    SHOW(run(dir, "", 0, quiet));
    SHOW(run(dir, "", EMPTY_PATH, quiet));
    SHOW(run(99, "prog", 0, quiet));
    SHOW(run(AT_FDCWD, "prog", 0, shown));
    SHOW(run(AT_FDCWD, "", EMPTY_PATH, quiet));
    SHOW(run(dir, "prog", 0x8000, quiet));
    SHOW(run(dir, (char *)bad_pointer, 0, quiet));
    SHOW(run(dir, "prog", 0, bad_pointer));
}

static void by_descriptor(void)
{
    int fd = open("prog", O_RDONLY), path = open("prog", O_PATH), closing = open("prog", O_RDONLY | O_CLOEXEC);
    int link = open("link", O_PATH | O_NOFOLLOW), plain = open("not-executable", O_RDONLY);
    int writing = open("other", O_RDWR), fifo = open("fifo", O_RDWR);
    SHOW(run(fd, "", EMPTY_PATH, quiet));
    SHOW(run(fd, "x", EMPTY_PATH, quiet));
    SHOW(run(path, "", EMPTY_PATH, quiet));
    SHOW(run(closing, "", EMPTY_PATH, quiet));
    SHOW(run(link, "", EMPTY_PATH, quiet));
    SHOW(run(plain, "", EMPTY_PATH, quiet));
    SHOW(run(writing, "", EMPTY_PATH, quiet));
    SHOW(run(fifo, "", EMPTY_PATH, quiet));
    SHOW(run(0, "", EMPTY_PATH | 1, quiet));
    close(fd), close(path), close(closing), close(link), close(plain), close(writing), close(fifo);
    int mem = memory_copy(0);
    SHOW(run(mem, "", EMPTY_PATH, shown)); /* its first descriptor may write, and it runs all the same */
    close(mem);
}

/* An interpreter opens its script by the descriptor's name: lost if execve closes it. */
static void scripts(int dir)
{
    int fd = open("script", O_RDONLY), closing = open("script", O_RDONLY | O_CLOEXEC);
    char *const name_only[] = { "prog", NULL };
    SHOW(run(fd, "", EMPTY_PATH, name_only));
    SHOW(run(closing, "", EMPTY_PATH, name_only));
    int dir_closing = fcntl(dir, F_DUPFD_CLOEXEC, 0);
    SHOW(run(dir_closing, "script", 0, name_only));
    SHOW(run(dir, "script", 0, name_only));
    close(fd), close(closing), close(dir_closing);
}

static int as_program(char **argv)
{
    if (!strcmp(argv[1], "show"))
        printf("program: %s\n", argv[0]), fflush(stdout);
    return 42;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return as_program(argv);
    if (!realpath(argv[0], self_path))
        return 1;
    work_in_tmp("execat");
    copy_self("prog", 0700), copy_self("other", 0700), copy_self("not-executable", 0600);
    int script = open("script", O_WRONLY | O_CREAT, 0700), dir = open(".", O_RDONLY);
    CHECK(dprintf(script, "#!/bin/cat\nin the script\n") > 0 && close(script) == 0);
    CHECK(symlink("prog", "link") == 0 && mkfifo("fifo", 0700) == 0);
    by_directory(dir);
    by_descriptor();
    scripts(dir);
    const char *names[] = { "prog", "other", "not-executable", "script", "link", "fifo" };
    for (int i = 0; i < 6; i++)
        CHECK(unlink(names[i]) == 0);
    close(dir);
    return check_result();
}
