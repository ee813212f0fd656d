/* The distribution's programs from their start to their end, as a script's author sees them. They are in the
 * initrd when a line of these is asked for (tests/bench/tree.py); where one is missing its line is `skip`. */
#include "bench.h"
#include <fcntl.h>
#include <sys/stat.h>

enum { SHELLS = 40, PYTHONS = 5, FOLDERS = 16, FILES = 256, FILE_BYTES_MAX = 16384 };
#define BUSYBOX "/bin/busybox"
#define PYTHON "/usr/bin/python3"
#define TREE "/tmp/bench/tree"
#define ARCHIVE "/tmp/bench/tree.tar"
#define COPY "/tmp/bench/copy"

static void need(const char *path)
{
    if (access(path, X_OK) < 0)
        _exit(EXIT_SKIP);
}

static void run_program(char *const argv[])
{
    static char *const environment[] = { "PATH=/bin:/usr/bin", "HOME=/", "PYTHONHASHSEED=0", NULL };
    pid_t pid = vfork();
    if (pid == 0) {
        execve(argv[0], argv, environment);
        _exit(EXIT_FAIL);
    }
    CHECK(pid > 0);
    wait_checked(pid, 0);
}

static void run_and_measure(char *const argv[], long times)
{
    need(argv[0]);
    run_program(argv); /* what is read once, or compiled once, is there */
    measure_begin();
    for (long i = 0; i < times; i++)
        run_program(argv);
    measure_end(0, (u64)times);
}

static void sh_true(void)
{
    run_and_measure((char *const[]){ BUSYBOX, "sh", "-c", "true", NULL }, SHELLS);
}

/* With its library's modules, as `python3 script` starts. */
static void python_start(void)
{
    run_and_measure((char *const[]){ PYTHON, "-c", "pass", NULL }, PYTHONS);
}

/* --- a tree of files ---------------------------------------------------------------------------- */

static void file_name(char *out, const char *root, long i)
{
    sprintf(out, "%s/folder%ld/file%ld", root, i % FOLDERS, i);
}

static size_t file_bytes(long i)
{
    return (size_t)(i * 7919 % FILE_BYTES_MAX);
}

static void make_tree(void)
{
    static char data[FILE_BYTES_MAX];
    char name[64];
    if (mkdir(TREE, 0755) < 0)
        return; /* an earlier line made it */
    for (long i = 0; i < FILE_BYTES_MAX; i++)
        data[i] = (char)(i * 7 + (i >> 8));
    for (long i = 0; i < FOLDERS; i++) {
        sprintf(name, TREE "/folder%ld", i);
        CHECK(mkdir(name, 0755) == 0);
    }
    for (long i = 0; i < FILES; i++) {
        file_name(name, TREE, i);
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
        CHECK(fd >= 0 && write(fd, data, file_bytes(i)) == (ssize_t)file_bytes(i) && close(fd) == 0);
    }
}

static void create_archive(void)
{
    need(BUSYBOX);
    make_tree();
    run_program((char *const[]){ BUSYBOX, "tar", "-cf", ARCHIVE, "-C", TREE, ".", NULL });
}

static void tar_create(void)
{
    struct stat st;
    off_t least = 0;
    need(BUSYBOX);
    make_tree();
    measure_begin();
    create_archive();
    measure_end(0, FILES);
    for (long i = 0; i < FILES; i++)
        least += 512 + (off_t)(file_bytes(i) + 511) / 512 * 512; /* ustar: whole blocks */
    CHECK(stat(ARCHIVE, &st) == 0 && st.st_size > least && unlink(ARCHIVE) == 0);
}

static void check_copy(long i)
{
    static char before[FILE_BYTES_MAX], after[FILE_BYTES_MAX + 1];
    char from[64], to[64];
    file_name(from, TREE, i);
    file_name(to, COPY, i);
    int a = open(from, O_RDONLY), b = open(to, O_RDONLY);
    CHECK(a >= 0 && b >= 0);
    CHECK(read(a, before, sizeof before) == (ssize_t)file_bytes(i) && read(b, after, sizeof after) == (ssize_t)file_bytes(i));
    CHECK(memcmp(before, after, file_bytes(i)) == 0 && close(a) == 0 && close(b) == 0);
}

static void tar_extract(void)
{
    create_archive();
    CHECK(mkdir(COPY, 0755) == 0);
    measure_begin();
    run_program((char *const[]){ BUSYBOX, "tar", "-xf", ARCHIVE, "-C", COPY, NULL });
    measure_end(0, FILES);
    for (long i = 0; i < FILES; i++)
        check_copy(i);
    CHECK(unlink(ARCHIVE) == 0);
}

const struct test program_tests[] = {
    { "sh_true", sh_true }, { "tar_create", tar_create }, { "tar_extract", tar_extract }, { "python_start", python_start }, { NULL, NULL },
};
