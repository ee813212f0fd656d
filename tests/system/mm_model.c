/* An address space against a model of it: random mmap, munmap, mprotect, mremap, madvise, fork and
 * writes on a window of pages, each of which must always show what the model says.
 * Usage: mm_model [seed [steps]] */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define WINDOW 600  /* pages: crosses a 2 MiB border */
#define FILE_PAGES 100

enum kind { HOLE, ANON, FILE_PRIVATE, FILE_SHARED };
struct page { enum kind kind; int prot; int file_page; bool own; long value; };

static struct page model[WINDOW];
static long file_value[FILE_PAGES];
static char *base;
static int fd, probe[2];
static unsigned seed;

static unsigned pick(unsigned n) { return (unsigned)rand_r(&seed) % n; }
static char *at(int i) { return base + (size_t)i * PAGE; }

static long expected(const struct page *p)
{
    return p->kind == FILE_SHARED || (p->kind == FILE_PRIVATE && !p->own) ? file_value[p->file_page] : p->value;
}

/* Asks the kernel to read the page for us: a bad one is an error, not a signal. */
static bool page_right(int i)
{
    long word;
    bool readable = write(probe[1], at(i), sizeof word) == sizeof word;
    if (readable && read(probe[0], &word, sizeof word) != sizeof word)
        return false;
    if (readable != (model[i].kind != HOLE && (model[i].prot & PROT_READ)))
        return false;
    if (!readable)
        return true;
    return word == expected(&model[i]) && *(volatile long *)at(i) == word;
}

static bool all_right(void)
{
    for (int i = 0; i < WINDOW; i++)
        if (!page_right(i)) {
            printf("page %d: kind %d prot %d own %d\n", i, model[i].kind, model[i].prot, model[i].own);
            return false;
        }
    return true;
}

static void write_page(int i, long value)
{
    struct page *p = &model[i];
    if (p->kind == HOLE || !(p->prot & PROT_WRITE))
        return;
    *(volatile long *)at(i) = value;
    if (p->kind == FILE_SHARED) {
        file_value[p->file_page] = value;
    } else {
        p->own = true;
        p->value = value;
    }
}

static bool all_mapped(int first, int n)
{
    for (int i = first; i < first + n; i++)
        if (model[i].kind == HOLE)
            return false;
    return true;
}

static bool do_map(int first, int n)
{
    static const int prots[] = { PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE };
    enum kind kind = pick(2) ? ANON : pick(2) ? FILE_PRIVATE : FILE_SHARED;
    int prot = prots[pick(4)], file_page = 0;
    int flags = MAP_FIXED | (kind == FILE_SHARED ? MAP_SHARED : MAP_PRIVATE) | (kind == ANON ? MAP_ANONYMOUS : 0);
    if (kind != ANON) {
        n = n > FILE_PAGES ? FILE_PAGES : n;
        file_page = (int)pick((unsigned)(FILE_PAGES - n + 1));
    }
    bool populate = pick(8) == 0;
    if (populate)
        flags |= MAP_POPULATE;
    if (mmap(at(first), (size_t)n * PAGE, prot, flags, kind == ANON ? -1 : fd, file_page * (long)PAGE) != at(first))
        return false;
    for (int i = 0; i < n; i++)
        model[first + i] = (struct page){
            .kind = kind, .prot = prot, .file_page = file_page + i,
            /* filled ahead as if written to */
            .own = kind == FILE_PRIVATE && populate && (prot & PROT_WRITE),
            .value = kind == ANON ? 0 : file_value[file_page + i],
        };
    return true;
}

static bool do_unmap(int first, int n)
{
    memset(&model[first], 0, (size_t)n * sizeof model[0]);
    return munmap(at(first), (size_t)n * PAGE) == 0;
}

static bool do_protect(int first, int n)
{
    static const int prots[] = { PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE };
    int prot = prots[pick(3)];
    if (!all_mapped(first, n))
        return true;
    for (int i = first; i < first + n; i++)
        model[i].prot = prot;
    return mprotect(at(first), (size_t)n * PAGE, prot) == 0;
}

static bool do_discard(int first, int n)
{
    if (!all_mapped(first, n))
        return true;
    for (int i = first; i < first + n; i++) {
        model[i].own = false;
        model[i].value = 0;
    }
    return madvise(at(first), (size_t)n * PAGE, MADV_DONTNEED) == 0;
}

/* The kernel knows where one mapping ends and the next begins; the model does not. */
static bool do_move(int first, int n)
{
    struct page copy[WINDOW];
    int to = (int)pick(WINDOW - (unsigned)n + 1);
    if (!all_mapped(first, n) || (to < first + n && first < to + n))
        return true;
    if (mremap(at(first), (size_t)n * PAGE, (size_t)n * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(to)) == MAP_FAILED) {
        if (errno != EFAULT)
            return false;
        /* Linux may have unmapped the target before it looked at the source; we may not have. */
        return do_unmap(to, n);
    }
    memcpy(copy, &model[first], (size_t)n * sizeof copy[0]);
    memset(&model[first], 0, (size_t)n * sizeof copy[0]);
    memcpy(&model[to], copy, (size_t)n * sizeof copy[0]);
    return true;
}

static bool do_fork(long value)
{
    int raw;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (!all_right())
            _exit(1);
        for (int i = 0; i < WINDOW; i++)
            if (model[i].kind != FILE_SHARED && pick(2))
                write_page(i, value + i);
        _exit(all_right() ? 0 : 2);
    }
    for (int i = 0; i < 20; i++) { /* while the child runs: private memory only */
        int page = (int)pick(WINDOW);
        if (model[page].kind != FILE_SHARED)
            write_page(page, value + 5000 + i);
    }
    bool good = pid > 0 && waitpid(pid, &raw, 0) == pid;
    if (good && raw)
        printf("child: status %#x\n", raw);
    return good && raw == 0 && all_right();
}

static bool do_file_write(long value)
{
    int page = (int)pick(FILE_PAGES);
    file_value[page] = value;
    return pwrite(fd, &value, sizeof value, page * (long)PAGE) == sizeof value;
}

static bool step(long value)
{
    int first = (int)pick(WINDOW), n = 1 + (int)pick(pick(4) ? 8 : WINDOW - (unsigned)first);
    if (n > WINDOW - first)
        n = WINDOW - first;
    unsigned op = pick(1000);
    if (op < 60)
        return do_map(first, n);
    if (op < 90)
        return do_unmap(first, n);
    if (op < 150)
        return do_protect(first, n);
    if (op < 190)
        return do_discard(first, n);
    if (op < 230)
        return do_move(first, n);
    if (op < 240)
        return do_fork(value);
    if (op < 270)
        return do_file_write(value);
    if (op < 600) {
        for (int i = first; i < first + n; i++)
            write_page(i, value + i);
        return true;
    }
    return page_right(first);
}

int main(int argc, char **argv)
{
    seed = argc > 1 ? (unsigned)atoi(argv[1]) : 4711;
    long steps = argc > 2 ? atol(argv[2]) : 20000, i = 0;
    fd = open("/tmp/mm_model.data", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && unlink("/tmp/mm_model.data") == 0 && ftruncate(fd, FILE_PAGES * PAGE) == 0 && pipe(probe) == 0);
    base = mmap(NULL, (WINDOW + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(base != MAP_FAILED);
    base += PAGE; /* a page on either side stays ours: nobody else maps into the window */
    CHECK(do_unmap(0, WINDOW));
    while (i < steps && step(i * 10000 + 1))
        i++;
    if (i < steps)
        printf("seed %s: step %ld failed\n", argc > 1 ? argv[1] : "4711", i);
    CHECK(i == steps);
    CHECK(all_right());
    return check_result();
}
