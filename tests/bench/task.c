/* Processes: made, replaced, ended. Every status is looked at. */
#include "bench.h"
#include <elf.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>

enum { FORKS = 200, EXECS = 150, BIG_FORKS = 8, TREE = 1000, STATUS = 7 };
#define TINY_PATH "/tmp/bench/tiny"
#define BIG_SIZE (64ul << 20)

static void fork_exit(void)
{
    measure_begin();
    ROUNDS(i, FORKS) {
        pid_t pid = fork_checked();
        if (pid == 0)
            _exit(STATUS);
        wait_checked(pid, STATUS);
    }
    measure_end(FORKS, FORKS);
}

/* The smallest program there is: headers and exit(7), 133 bytes. */
static void make_tiny(void)
{
    static const unsigned char code[] = { 0xbf, STATUS, 0, 0, 0, 0xb8, SYS_exit, 0, 0, 0, 0x0f, 0x05, 0xf4 };
    struct { Elf64_Ehdr head; Elf64_Phdr load; unsigned char code[sizeof code]; } __attribute__((packed)) image = {
        .head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT }, .e_type = ET_EXEC,
                  .e_machine = EM_X86_64, .e_version = EV_CURRENT, .e_entry = 0x400000 + 120, .e_phoff = 64,
                  .e_ehsize = 64, .e_phentsize = 56, .e_phnum = 1 },
        .load = { .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = 0x400000, .p_paddr = 0x400000,
                  .p_filesz = 133, .p_memsz = 133, .p_align = PAGE },
    };
    memcpy(image.code, code, sizeof code);
    int fd = open(TINY_PATH, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    CHECK(fd >= 0 && write(fd, &image, sizeof image) == 133 && close(fd) == 0);
}

static void vfork_exec(void)
{
    char *const argv[] = { TINY_PATH, NULL }, *const envp[] = { NULL };
    make_tiny();
    measure_begin();
    ROUNDS(i, EXECS) {
        pid_t pid = vfork();
        if (pid == 0) {
            execve(TINY_PATH, argv, envp);
            _exit(EXIT_FAIL);
        }
        CHECK(pid > 0);
        wait_checked(pid, STATUS);
    }
    measure_end(EXECS, EXECS);
}

static void spawn(void)
{
    char *const argv[] = { TINY_PATH, NULL }, *const envp[] = { NULL };
    make_tiny();
    measure_begin();
    ROUNDS(i, EXECS) {
        pid_t pid = -1;
        CHECK(posix_spawn(&pid, TINY_PATH, NULL, NULL, argv, envp) == 0);
        wait_checked(pid, STATUS);
    }
    measure_end(EXECS, EXECS);
}

/* A program with a C library in it: this one. */
static void fork_exec_libc(void)
{
    char *const argv[] = { (char *)program_path, "exit", NULL }, *const envp[] = { NULL };
    measure_begin();
    ROUNDS(i, EXECS) {
        pid_t pid = fork_checked();
        if (pid == 0) {
            execve(program_path, argv, envp);
            _exit(EXIT_FAIL);
        }
        wait_checked(pid, STATUS);
    }
    measure_end(EXECS, EXECS);
}

static void fork_big(volatile char *p)
{
    for (size_t i = 0; i < BIG_SIZE; i += PAGE)
        p[i] = (char)(i >> 12);
    measure_begin();
    ROUNDS(i, BIG_FORKS) {
        pid_t pid = fork_checked();
        if (pid == 0)
            _exit(p[37 * PAGE] == 37 && p[BIG_SIZE - PAGE] == (char)-1 ? STATUS : EXIT_FAIL);
        wait_checked(pid, STATUS);
    }
    measure_end(BIG_FORKS, BIG_FORKS);
}

static void fork_64m_4k(void)
{
    fork_big(map_private(BIG_SIZE));
}

static void fork_64m_any(void)
{
    char *p = mmap(NULL, BIG_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    fork_big(p);
}

/* A process that is the root of `size` processes, itself counted: it forks two halves and waits. */
static void grow(volatile long *count, long size)
{
    long halves[2] = { (size - 1) / 2, size - 1 - (size - 1) / 2 };
    pid_t pids[2] = { 0, 0 };
    __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 2; i++) {
        if (halves[i] == 0)
            continue;
        pids[i] = fork_checked();
        if (pids[i] == 0) {
            grow(count, halves[i]);
            _exit(STATUS);
        }
    }
    for (int i = 0; i < 2; i++)
        if (pids[i])
            wait_checked(pids[i], STATUS);
}

static void tree_1000(void)
{
    volatile long *count = map_shared(PAGE);
    measure_begin();
    pid_t pid = fork_checked();
    if (pid == 0) {
        grow(count, TREE);
        _exit(STATUS);
    }
    wait_checked(pid, STATUS);
    measure_end(0, TREE);
    CHECK(*count == TREE);
}

const struct test task_tests[] = {
    { "fork_exit", fork_exit }, { "vfork_exec", vfork_exec }, { "posix_spawn", spawn },
    { "fork_exec_libc", fork_exec_libc }, { "fork_64m_4k", fork_64m_4k }, { "fork_64m_any", fork_64m_any },
    { "tree_1000", tree_1000 }, { NULL, NULL },
};
