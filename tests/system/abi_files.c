/* Reading, writing and mapping files: offsets, appending, holes, descriptors and their flags. */
#include "check.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static char buffer[20000];

static void check_offsets(void)
{
    int fd = open("f", O_RDWR | O_CREAT, 0644);
    SHOW(lseek(fd, -1, SEEK_SET));
    SHOW(lseek(fd, 0, 99));
    SHOW(lseek(fd, 100, SEEK_SET));
    SHOW(read(fd, buffer, 10));
    SHOW(write(fd, "end", 3));
    SHOW(lseek(fd, 0, SEEK_END));
    SHOW(lseek(fd, -104, SEEK_END));
    SHOW(lseek(fd, -3, SEEK_CUR));
    SHOW(read(fd, buffer, 200));
    CHECK(buffer[0] == 'e');
    SHOW(pread(fd, buffer, 200, 0));
    CHECK(buffer[0] == 0 && buffer[99] == 0 && buffer[100] == 'e');
    SHOW(pread(fd, buffer, 10, -1));
    SHOW(pread(fd, buffer, 10, 1000));
    SHOW(pwrite(fd, "x", 1, -5));
    SHOW(pwrite(fd, "x", 1, 9000));
    SHOW(lseek(fd, 0, SEEK_END));
    SHOW(ftruncate(fd, 50));
    SHOW(ftruncate(fd, 200));
    SHOW(pread(fd, buffer, 200, 0));
    bool clean = true;
    for (int i = 0; i < 200; i++)
        clean = clean && buffer[i] == 0;
    CHECK(clean);
    ftruncate(fd, 0);
    SHOW(write(fd, NULL, 0));
    close(fd);
    SHOW(unlink("f"));
}

static void check_append(void)
{
    enum { EACH = 500 };
    int fd = open("log", O_WRONLY | O_CREAT | O_APPEND, 0644), counts[3] = { 0 }, torn = 0;
    char record[64];
    for (int who = 0; who < 3; who++) {
        if (fork() == 0) {
            int own = who ? open("log", O_WRONLY | O_APPEND) : fd;
            memset(record, 'a' + who, 63);
            record[63] = '\n';
            for (int i = 0; i < EACH; i++)
                if (write(own, record, 64) != 64)
                    _exit(1);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        ;
    SHOW(lseek(fd, 0, SEEK_END));
    close(fd);
    fd = open("log", O_RDONLY);
    while (read(fd, record, 64) == 64) {
        for (int i = 1; i < 63; i++)
            torn += record[i] != record[0];
        torn += record[63] != '\n';
        counts[(record[0] - 'a') % 3]++;
    }
    SHOW(torn);
    CHECK(counts[0] == EACH && counts[1] == EACH && counts[2] == EACH);
    close(fd);
    fd = open("log", O_RDWR | O_APPEND);
    SHOW(lseek(fd, 5, SEEK_SET));
    SHOW(pwrite(fd, "zz", 2, 0)); /* appends, as Linux does */
    SHOW(lseek(fd, 0, SEEK_CUR));
    SHOW(pread(fd, record, 2, 0));
    CHECK(record[0] != 'z');
    SHOW(fcntl(fd, F_SETFL, 0));
    SHOW(fcntl(fd, F_GETFL));
    SHOW(pwrite(fd, "zz", 2, 0));
    SHOW(pread(fd, record, 2, 0));
    CHECK(record[0] == 'z');
    close(fd);
    SHOW(unlink("log"));
}

static void check_descriptors(void)
{
    int fd = open("/dev/null", O_RDWR);
    CHECK(fd == 3);
    SHOW(dup(fd));
    SHOW(dup2(fd, 20));
    SHOW(dup2(fd, fd));
    SHOW(dup2(99, 21));
    SHOW(dup2(fd, -1));
    SHOW(dup2(fd, 1 << 30));
    SHOW(dup3(fd, fd, 0));
    SHOW(dup3(fd, 22, O_CLOEXEC));
    SHOW(dup3(fd, 22, 12345));
    SHOW(fcntl(22, F_GETFD));
    SHOW(fcntl(20, F_GETFD));
    SHOW(fcntl(fd, F_DUPFD, 50));
    SHOW(fcntl(fd, F_DUPFD_CLOEXEC, 50));
    SHOW(fcntl(51, F_GETFD));
    SHOW(fcntl(fd, F_DUPFD, -1));
    SHOW(fcntl(fd, F_DUPFD, 1 << 30));
    SHOW(fcntl(fd, F_SETFD, FD_CLOEXEC));
    SHOW(fcntl(fd, F_GETFD));
    SHOW(fcntl(fd, 9999, 0));
    SHOW(fcntl(999, F_GETFD));
    SHOW(close(4));
    SHOW(close(4));
    SHOW(open("/dev/null", O_RDONLY));
    SHOW(syscall(SYS_close_range, 4, 60, 0));
    SHOW(fcntl(20, F_GETFD));
    SHOW(syscall(SYS_close_range, 9, 4, 0));
    struct rlimit limit, small = { 10, 10 };
    pid_t pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_NOFILE, &small);
        int last = 0, next;
        while ((next = open("/dev/null", O_RDONLY)) >= 0)
            last = next;
        int wrong = errno;
        getrlimit(RLIMIT_NOFILE, &limit);
        int ends[2];
        bool none = pipe(ends) == -1 && errno == EMFILE;
        close(last);
        bool half = pipe(ends) == -1 && errno == EMFILE; /* one free, two needed: none taken */
        bool back = open("/dev/null", O_RDONLY) == last;
        printf("highest %d, %s, limit %lu, %d %d %d\n", last, strerror(wrong), (unsigned long)limit.rlim_cur, none, half, back);
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    close(fd);
}

static void check_devices(void)
{
    int zero = open("/dev/zero", O_RDWR), null = open("/dev/null", O_RDWR), full = open("/dev/full", O_RDWR);
    memset(buffer, 7, 100);
    SHOW(read(zero, buffer, 100));
    SHOW(buffer[50]);
    SHOW(read(null, buffer, 100));
    SHOW(write(null, buffer, 100));
    SHOW(write(zero, buffer, 100));
    SHOW(write(full, buffer, 100));
    SHOW(read(full, buffer, 100));
    SHOW(lseek(full, -7, SEEK_CUR));
    SHOW(lseek(null, -7, SEEK_END));
    SHOW(lseek(zero, 1000, SEEK_SET));
    SHOW(lseek(zero, 0, SEEK_CUR));
    SHOW(lseek(null, 0, 9));
    int random = open("/dev/urandom", O_RDONLY);
    SHOW(read(random, buffer, 5000));
    int different = 0;
    for (int i = 1; i < 5000; i++)
        different += buffer[i] != buffer[0];
    CHECK(different > 4000);
    char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0);
    CHECK(map != MAP_FAILED && map[5000] == 0);
    map[5000] = 1;
    SHOW(munmap(map, 8192));
    SHOW(ioctl(null, 0x5401, buffer));
    close(zero), close(null), close(full), close(random);
}

static void check_copying(void)
{
    int from = open("from", O_RDWR | O_CREAT, 0644), to = open("to", O_RDWR | O_CREAT, 0644), ends[2];
    for (int i = 0; i < 20000; i++)
        buffer[i] = (char)(i * 31 + i / 256);
    SHOW(write(from, buffer, 20000));
    off_t at = 100;
    SHOW(sendfile(to, from, &at, 10000));
    SHOW(at);
    SHOW(lseek(from, 0, SEEK_CUR));
    SHOW(sendfile(to, from, NULL, 10));
    SHOW(lseek(from, 0, SEEK_SET));
    SHOW(sendfile(to, from, NULL, 100000));
    SHOW(lseek(to, 0, SEEK_END));
    char check[100];
    SHOW(pread(to, check, 100, 5000));
    CHECK(memcmp(check, buffer + 5100, 100) == 0);
    CHECK(pipe(ends) == 0);
    SHOW(sendfile(ends[1], from, &at, 300));
    SHOW(read(ends[0], check, 100));
    CHECK(memcmp(check, buffer + 10100, 100) == 0);
    SHOW(sendfile(to, 999, NULL, 1));
    struct iovec parts[3] = { { check, 10 }, { check + 50, 0 }, { check + 20, 30 } };
    SHOW(preadv(from, parts, 3, 1000));
    CHECK(memcmp(check, buffer + 1000, 10) == 0 && memcmp(check + 20, buffer + 1010, 30) == 0);
    SHOW(pwritev(to, parts, 3, 5));
    SHOW(pread(to, check + 60, 40, 5));
    CHECK(memcmp(check + 60, check, 10) == 0 && memcmp(check + 70, check + 20, 30) == 0);
    close(from), close(to), close(ends[0]), close(ends[1]);
    SHOW(unlink("from"));
    SHOW(unlink("to"));
}

static void check_times(void)
{
    struct stat st;
    int fd = open("t", O_RDWR | O_CREAT, 0644);
    struct timespec times[2] = { { 1000, 5 }, { 2000, 7 } };
    SHOW(futimens(fd, times));
    SHOW(fstat(fd, &st));
    SHOW(st.st_atim.tv_sec * 1000 + st.st_atim.tv_nsec);
    SHOW(st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec);
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_nsec = UTIME_NOW;
    SHOW(utimensat(AT_FDCWD, "t", times, 0));
    SHOW(fstat(fd, &st));
    SHOW(st.st_atim.tv_sec);
    CHECK(st.st_mtim.tv_sec > 1000000);
    times[0].tv_nsec = 2000000000;
    SHOW(utimensat(AT_FDCWD, "t", times, 0));
    SHOW(utimensat(AT_FDCWD, "nosuch", NULL, 0));
    times[0] = times[1] = (struct timespec){ 1000, 0 };
    SHOW(futimens(fd, times));
    SHOW(write(fd, "x", 1));
    SHOW(fstat(fd, &st));
    CHECK(st.st_mtim.tv_sec > 1000000 && st.st_ctim.tv_sec > 1000000);
    close(fd);
    SHOW(unlink("t"));
}

int main(void)
{
    for (int fd = 3; fd < 10; fd++)
        close(fd);
    work_in_tmp("files");
    check_descriptors();
    check_offsets();
    check_append();
    check_devices();
    check_copying();
    check_times();
    return check_result();
}
