/* Mappings and page faults. What is new must be zero, and pages are touched once each. */
#include "bench.h"
#include <sys/mman.h>

enum { MAPS = 3000, BLOCKS = 200, PAGES = 2048, STRIDE = 16, PAIRS = 2000, BIG_PAIRS = 200, BRK_PAGES = 1000 };

/* One fault a page, by a store; the rest of the page must be zero. */
static long touch(volatile char *p, long pages, long stride)
{
    long bad = 0;
    ROUNDS(i, pages) {
        volatile char *page = p + i * stride * PAGE;
        page[0] = 1;
        bad |= page[8] | page[PAGE - 1];
    }
    return bad;
}

static void mmap_munmap(void)
{
    long bad = 0;
    measure_begin();
    ROUNDS(i, MAPS) {
        long p = sys6(SYS_mmap, 0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        bad |= p < 0;
        bad |= sys3(SYS_munmap, p, 4 * PAGE, 0);
    }
    measure_end(MAPS, MAPS);
    CHECK(bad == 0);
}

static void mmap_touch_64k(void)
{
    long bad = 0;
    measure_begin();
    ROUNDS(i, BLOCKS) {
        long p = sys6(SYS_mmap, 0, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(p > 0);
        bad |= touch((char *)p, 16, 1);
        bad |= sys3(SYS_munmap, p, 16 * PAGE, 0);
    }
    measure_end(BLOCKS * 17, BLOCKS);
    CHECK(bad == 0);
}

static void pf_anon(void)
{
    char *p = map_private(PAGES * (size_t)PAGE);
    measure_begin();
    long bad = touch(p, PAGES, 1);
    measure_end(PAGES, PAGES);
    CHECK(bad == 0);
}

static void pf_sparse(void)
{
    char *p = map_private(PAGES / 2 * (size_t)PAGE * STRIDE);
    measure_begin();
    long bad = touch(p, PAGES / 2, STRIDE);
    measure_end(PAGES / 2, PAGES / 2);
    CHECK(bad == 0);
}

/* Mapped, touched and given back, with whatever pages the kernel likes. */
static void touch_8m_any(void)
{
    size_t size = PAGES * (size_t)PAGE;
    measure_begin();
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    long bad = touch(p, PAGES, 1);
    bad |= munmap(p, size);
    measure_end(PAGES, PAGES);
    CHECK(bad == 0);
}

/* A page that a parent still has: copied when the child writes. */
static void cow_fault(void)
{
    char *p = map_private(PAGES * (size_t)PAGE);
    long bad = 0;
    for (long i = 0; i < PAGES; i++)
        p[i * PAGE + 8] = (char)i;
    int hold[2];
    char byte;
    CHECK(pipe(hold) == 0);
    pid_t pid = fork_checked();
    if (pid == 0) {
        close(hold[1]);
        long seen = read(hold[0], &byte, 1);
        for (long i = 0; i < PAGES; i++)
            seen |= (char)(p[i * PAGE + 8] ^ i) | p[i * PAGE];
        _exit(seen ? EXIT_FAIL : 0);
    }
    measure_begin();
    ROUNDS(i, PAGES) {
        p[i * PAGE] = 1;
        bad |= (char)(*(volatile char *)(p + i * PAGE + 8) ^ i);
    }
    measure_end(PAGES, PAGES);
    CHECK(bad == 0 && close(hold[1]) == 0);
    wait_checked(pid, 0); /* it still saw the old pages */
}

static void mprotect_pairs(long pages, long pairs)
{
    char *p = map_private((size_t)(pages + 2) * PAGE) + PAGE;
    long bad = touch(p, pages, 1);
    measure_begin();
    ROUNDS(i, pairs) {
        bad |= sys3(SYS_mprotect, (long)p, pages * PAGE, PROT_READ);
        bad |= sys3(SYS_mprotect, (long)p, pages * PAGE, PROT_READ | PROT_WRITE);
    }
    measure_end((u64)pairs, (u64)pairs);
    for (long i = 0; i < pages; i++)
        bad |= p[i * PAGE]++ ^ 1;
    CHECK(bad == 0);
}

static void mprotect_4k(void)
{
    mprotect_pairs(1, PAIRS);
}

static void mprotect_1m(void)
{
    mprotect_pairs(256, BIG_PAIRS);
}

static void brk_grow(void)
{
    long start = (sys3(SYS_brk, 0, 0, 0) + PAGE - 1) / PAGE * PAGE, bad = 0;
    CHECK(start > 0 && sys3(SYS_brk, start, 0, 0) == start);
    measure_begin();
    ROUNDS(i, BRK_PAGES) {
        volatile char *page = (volatile char *)start + i * PAGE;
        bad |= sys3(SYS_brk, (long)page + PAGE, 0, 0) ^ ((long)page + PAGE);
        page[0] = 1;
        bad |= page[8] | page[PAGE - 1];
    }
    measure_end(BRK_PAGES, BRK_PAGES);
    CHECK(bad == 0);
    CHECK(sys3(SYS_brk, start, 0, 0) == start);
}

const struct test memory_tests[] = {
    { "mmap_munmap", mmap_munmap }, { "mmap_touch_64k", mmap_touch_64k }, { "pf_anon", pf_anon },
    { "pf_sparse", pf_sparse }, { "touch_8m_any", touch_8m_any }, { "cow_fault", cow_fault },
    { "mprotect_4k", mprotect_4k }, { "mprotect_1m", mprotect_1m }, { "brk_grow", brk_grow }, { NULL, NULL },
};
