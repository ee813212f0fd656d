/* What debuggers, tracers and ps look at: the code segment, the vDSO's memory, where code and stack begin, and
 * /proc/TID of a thread that is not its process's first. */
#include "check.h"
#include "text.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* proc_pid_stat(5): fields are counted from 1, and the name has none of what it could have. */
static unsigned long field_of(const char *path, int number)
{
    const char *at = strrchr(text_of(path), ')');
    for (int i = 2; at && i < number; i++)
        at = strchr(at + 1, ' ');
    return at ? strtoul(at, NULL, 10) : 0;
}

static void the_places_of_code_and_stack(void)
{
    unsigned long from = field_of("/proc/self/stat", 26), to = field_of("/proc/self/stat", 27);
    unsigned long stack = field_of("/proc/self/stat", 28);
    char maps[8192], *line, *save;
    CHECK(from <= (unsigned long)the_places_of_code_and_stack && (unsigned long)the_places_of_code_and_stack < to);
    int fd = open("/proc/self/maps", O_RDONLY), inside = 0;
    ssize_t n = read(fd, maps, sizeof maps - 1);
    close(fd);
    maps[n > 0 ? n : 0] = 0;
    for (line = strtok_r(maps, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        unsigned long start, end;
        if (strstr(line, "[stack]") && sscanf(line, "%lx-%lx", &start, &end) == 2)
            inside = start <= stack && stack < end;
    }
    CHECK(inside);
}

static void a_tracee_as_debuggers_see_it(void)
{
    pid_t pid = fork();
    int status;
    char path[64], head[4] = "";
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        _exit(0);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
    CHECK(ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user_regs_struct, cs), 0) == 0x33);
    CHECK(ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user_regs_struct, ss), 0) == 0x2b);
    unsigned long vdso = getauxval(AT_SYSINFO_EHDR);
    if (vdso) { /* at the same place in the child */
        CHECK((ptrace(PTRACE_PEEKDATA, pid, vdso, 0) & 0xffffffff) == 0x464c457f);
        snprintf(path, sizeof path, "/proc/%d/mem", pid);
        int fd = open(path, O_RDONLY);
        CHECK(pread(fd, head, 4, (off_t)vdso) == 4 && memcmp(head, "\177ELF", 4) == 0);
        close(fd);
    }
    CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
}

static int told[2], done[2];

static void *second(void *arg)
{
    pid_t tid = (pid_t)syscall(SYS_gettid);
    char c;
    /* says nothing: the order of lines is to be the same */
    return write(told[1], &tid, sizeof tid) == sizeof tid && read(done[0], &c, 1) == 1 ? arg : NULL;
}

static void a_thread_has_a_directory(void)
{
    pthread_t thread;
    pid_t tid, tgid = 0, pid = 0;
    char path[64], name[64];
    CHECK(pipe(told) == 0 && pipe(done) == 0 && pthread_create(&thread, NULL, second, NULL) == 0);
    CHECK(read(told[0], &tid, sizeof tid) == sizeof tid && tid != getpid());
    snprintf(path, sizeof path, "/proc/%d/status", tid);
    const char *at = strstr(text_of(path), "Tgid:");
    CHECK(at && sscanf(at, "Tgid: %d Ngid: %*d Pid: %d", &tgid, &pid) == 2 && tgid == getpid() && pid == tid);
    snprintf(path, sizeof path, "/proc/%d/exe", tid);
    CHECK(readlink(path, name, sizeof name) > 0);
    snprintf(path, sizeof path, "/proc/%d/task/%d/comm", tid, getpid());
    CHECK(access(path, R_OK) == 0);
    CHECK(write(done[1], "x", 1) == 1 && pthread_join(thread, NULL) == 0);
    CHECK(access("/proc/0", F_OK) == -1 && access("/proc/01", F_OK) == -1);
}

static char state_of(const char *path)
{
    const char *at = strrchr(text_of(path), ')');
    return at ? at[2] : '?';
}

/* Looks on while the first thread sleeps, and then is no more. */
static void *onlooker(void *first)
{
    char seen = 0;
    for (int i = 0; i < 100000 && seen != 'S'; i++)
        seen = state_of("/proc/self/stat");
    CHECK(seen == 'S');
    CHECK(state_of("/proc/thread-self/stat") == 'R');
    CHECK(write(done[1], "x", 1) == 1 && pthread_join(*(pthread_t *)first, NULL) == 0);
    for (int i = 0; i < 100000 && seen != 'Z'; i++)
        seen = state_of("/proc/self/stat");
    CHECK(seen == 'Z');
    exit(check_result());
}

static void a_process_is_shown_as_its_first_thread(void)
{
    static pthread_t first;
    pthread_t other;
    char c;
    first = pthread_self();
    if (pthread_create(&other, NULL, onlooker, &first) == 0 && read(done[0], &c, 1) == 1)
        pthread_exit(NULL);
}

int main(void)
{
    the_places_of_code_and_stack();
    a_tracee_as_debuggers_see_it();
    a_thread_has_a_directory();
    CHECK(strstr(text_of("/proc/tty/drivers"), "/dev/pts") != NULL);
    a_process_is_shown_as_its_first_thread(); /* and ends */
    return 1;
}
