/* A large file whose 8-byte words are their own offsets, and memory that is short: whatever the kernel gives
 * back of the file comes again with the same contents, and what was written to it stays. Only run in the guest.
 *
 *     cached_file make FILE MIB       writes such a file (on Linux, for the initrd)
 *     cached_file fits MIB            touches so much memory and ends
 *     cached_file fight FILE MIB      three read and map the file at random, while a fourth takes and gives
 *                                     back MIB again and again
 *     cached_file write FILE MIB      changes the file in every way, each time with MIB taken in between */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define MIB (1ul << 20)
#define TURNS 12       /* of taking memory */
#define READS 600      /* of a reader */

#define MUST(condition) \
    do { if (!(condition)) { printf("line %d: %s failed, errno %d\n", __LINE__, #condition, errno); exit(1); } } while (0)

static void pattern(uint64_t *to, size_t n, uint64_t at)
{
    for (size_t i = 0; i < n / 8; i++)
        to[i] = at + 8 * i;
}

static int make(const char *name, size_t size)
{
    static uint64_t block[MIB / 8];
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    MUST(fd >= 0);
    for (size_t at = 0; at < size; at += MIB) {
        pattern(block, MIB, at);
        MUST(write(fd, block, MIB) == (ssize_t)MIB);
    }
    return 0;
}

static void take(size_t size)
{
    volatile char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(p != MAP_FAILED);
    for (size_t i = 0; i < size; i += PAGE)
        p[i] = 1;
    MUST(munmap((void *)p, size) == 0);
}

/* --- readers against one who takes memory --- */

static int open_sized(const char *name, int flags, size_t *size)
{
    struct stat st;
    int fd = open(name, flags);
    MUST(fd >= 0 && fstat(fd, &st) == 0);
    *size = (size_t)st.st_size;
    return fd;
}

static void read_at_random(const char *name, unsigned seed)
{
    static uint64_t block[4 * PAGE / 8];
    size_t size;
    int fd = open_sized(name, O_RDONLY, &size);
    for (int turn = 0; turn < READS; turn++) {
        size_t at = (size_t)rand_r(&seed) % (size / PAGE - 4) * PAGE;
        MUST(pread(fd, block, sizeof block, (off_t)at) == sizeof block);
        for (size_t i = 0; i < sizeof block / 8; i++)
            MUST(block[i] == at + 8 * i);
    }
}

static void map_at_random(const char *name, unsigned seed, int flags)
{
    size_t size;
    int fd = open_sized(name, O_RDONLY, &size);
    const volatile uint64_t *word = mmap(NULL, size, PROT_READ, flags, fd, 0);
    MUST(word != MAP_FAILED);
    for (int turn = 0; turn < 8 * READS; turn++) {
        size_t at = (size_t)rand_r(&seed) % (size / 8);
        MUST(word[at] == 8 * at);
    }
}

static void child(int which, const char *name, size_t mib)
{
    if (which == 0)
        read_at_random(name, 1);
    else if (which < 3)
        map_at_random(name, (unsigned)which + 1, which == 1 ? MAP_PRIVATE : MAP_SHARED);
    else
        for (int i = 0; i < TURNS; i++)
            take(mib * MIB);
    exit(0);
}

static int fight(const char *name, size_t mib)
{
    int raw, well = 0;
    for (int i = 0; i < 4; i++) {
        pid_t pid = fork();
        MUST(pid >= 0);
        if (pid == 0)
            child(i, name, mib);
    }
    while (wait(&raw) > 0)
        well += raw == 0;
    printf("%d of 4 well\n", well);
    return well != 4;
}

/* --- changes --- */

static struct { int fd; size_t size, mib; unsigned char *changed; } file;

/* All of the file is as it was made, but for what changed says of a page: 0 as made, 'z' zeroes, else that byte.
 * Looked at after others wanted all memory. */
static void expect_changes(void)
{
    static uint64_t is[PAGE / 8], was[PAGE / 8];
    struct stat st;
    take(file.mib * MIB);
    MUST(fstat(file.fd, &st) == 0 && (size_t)st.st_size == file.size);
    for (size_t at = 0; at < file.size; at += PAGE) {
        unsigned char c = file.changed[at / PAGE];
        memset(was, c == 'z' ? 0 : c, PAGE);
        if (!c)
            pattern(was, PAGE, at);
        MUST(pread(file.fd, is, PAGE, (off_t)at) == (ssize_t)PAGE);
        if (memcmp(is, was, PAGE)) {
            printf("page %zu differs\n", at / PAGE);
            exit(1);
        }
    }
}

static void write_page(size_t index)
{
    unsigned char block[PAGE];
    memset(block, 'w', PAGE);
    MUST(pwrite(file.fd, block, PAGE, (off_t)(index * PAGE)) == (ssize_t)PAGE);
    file.changed[index] = 'w';
}

static void change_by_mapping(void)
{
    char *map = mmap(NULL, file.size, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd, 0);
    MUST(map != MAP_FAILED);
    for (size_t i = 200; i < 300; i += 3) {
        MUST(*(volatile uint64_t *)(map + (i + 1) * PAGE) == (i + 1) * PAGE); /* its neighbours come along */
        memset(map + i * PAGE, 'm', PAGE);
        file.changed[i] = 'm';
    }
    MUST(munmap(map, file.size) == 0);
}

/* What was cut off is zeroes when the file grows over it. */
static void shrink_and_grow(void)
{
    unsigned char block[PAGE];
    size_t pages = file.size / PAGE, less = pages / 2;
    MUST(ftruncate(file.fd, (off_t)(less * PAGE - 100)) == 0 && ftruncate(file.fd, (off_t)file.size) == 0);
    memset(file.changed + less, 'z', pages - less);
    MUST(pread(file.fd, block, PAGE, (off_t)((less - 1) * PAGE)) == (ssize_t)PAGE);
    for (size_t i = PAGE - 100; i < PAGE; i++)
        MUST(block[i] == 0);
    write_page(less - 1);
    MUST(lseek(file.fd, 0, SEEK_DATA) == 0 && lseek(file.fd, 0, SEEK_HOLE) >= (off_t)(400 * PAGE));
    MUST(lseek(file.fd, (off_t)(less * PAGE), SEEK_DATA) < 0 && errno == ENXIO);
}

static int change(const char *name, size_t mib)
{
    file.mib = mib;
    file.fd = open_sized(name, O_RDWR, &file.size);
    file.changed = calloc(file.size / PAGE, 1);
    MUST(file.size >= 1000 * PAGE);
    expect_changes();
    for (size_t i = 3; i < 100; i += 7)
        write_page(i);
    expect_changes();
    change_by_mapping();
    expect_changes();
    MUST(fallocate(file.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(400 * PAGE), (off_t)(20 * PAGE)) == 0);
    memset(file.changed + 400, 'z', 20);
    expect_changes();
    shrink_and_grow();
    expect_changes();
    printf("every change is kept\n");
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && !strcmp(argv[1], "make"))
        return make(argv[2], strtoul(argv[3], NULL, 10) * MIB);
    if (argc == 4 && !strcmp(argv[1], "fight"))
        return fight(argv[2], strtoul(argv[3], NULL, 10));
    if (argc == 4 && !strcmp(argv[1], "write"))
        return change(argv[2], strtoul(argv[3], NULL, 10));
    if (argc != 3 || strcmp(argv[1], "fits"))
        return 2;
    take(strtoul(argv[2], NULL, 10) * MIB);
    printf("it fits\n");
    return 0;
}
