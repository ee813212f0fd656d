/* Sources: src/drivers/virtio/virtq.c */
#include "tests/unit/host.h"
#include "lib/errno.h"
#include "src/drivers/virtio/virtq.h"
#include <stdlib.h>
#include <string.h>

#define N 8u
static struct virtq q;
static struct virtq_slot slot[VIRTQ_MAX];
static struct virtq_layout l;
static unsigned char *mem;
static u16 device_seen, device_used; /* the device's side */

static u16 *avail(void) { return (u16 *)(mem + l.avail); }
static u16 *used(void) { return (u16 *)(mem + l.used); }
static struct virtq_used_elem *used_elem(void) { return (struct virtq_used_elem *)(mem + l.used + 4); }

static int setup(void **state)
{
    l = virtq_layout(N, 4);
    mem = aligned_alloc(4096, 4096);
    memset(mem, 0xa5, 4096); /* what lies behind is not touched */
    memset(mem, 0, l.size);
    virtq_init(&q, N, mem, &l, slot);
    device_seen = device_used = 0;
    return 0;
}
static int teardown(void **state)
{
    for (size_t i = l.size; i < 4096; i++)
        assert_int_equal(mem[i], 0xa5);
    free(mem);
    return 0;
}
static int device_get(void) { return avail()[1] == device_seen ? -1 : avail()[2 + device_seen++ % N]; }
static void device_put(u32 id, u32 len)
{
    used_elem()[device_used % N] = (struct virtq_used_elem){ id, len };
    used()[1] = ++device_used;
}
static int add(unsigned nread, unsigned nwrite)
{
    struct virtq_piece p[N + 1];
    for (unsigned i = 0; i < nread + nwrite; i++)
        p[i] = (struct virtq_piece){ 0x1000 * (i + 1), 100 + i };
    return virtq_add(&q, p, nread, nwrite);
}

static void layout(void **state)
{
    /* The specification's own sizes (2.7): 16n, 6 + 2n, 6 + 8n. */
    struct virtq_layout a = virtq_layout(128, 4096), b = virtq_layout(1, 4);
    assert_true(a.avail == 2048 && a.used == 4096 && a.size == 4096 + 6 + 8 * 128);
    assert_true(b.avail == 16 && b.used == 24 && b.size == 24 + 6 + 8);
}
static void a_chain(void **state)
{
    u32 len;
    int next = virtq_next_head(&q), head = add(1, 2);
    assert_int_equal(next, head);
    assert_int_equal(virtq_take(&q, &len), -EAGAIN);
    assert_int_equal(device_get(), head);
    struct virtq_desc *d = &((struct virtq_desc *)mem)[head];
    assert_true(d->addr == 0x1000 && d->len == 100 && d->flags == 1);
    d = &((struct virtq_desc *)mem)[d->next];
    assert_true(d->addr == 0x2000 && d->len == 101 && d->flags == 3);
    d = &((struct virtq_desc *)mem)[d->next];
    assert_true(d->addr == 0x3000 && d->len == 102 && d->flags == 2 && d->next == 0);
    assert_int_equal(virtq_pending(&q), 1);
    assert_false(virtq_is_idle(&q));
    device_put((u32)head, 203); /* all that may be written */
    assert_true(virtq_is_idle(&q));
    assert_int_equal(virtq_take(&q, &len), head);
    assert_int_equal(len, 203);
    assert_int_equal(virtq_take(&q, &len), -EAGAIN);
    assert_true(virtq_pending(&q) == 0 && q.nfree == N);
}
static void full(void **state)
{
    u32 len;
    assert_int_equal(add(N, 1), -ENOSPC);
    for (unsigned i = 0; i < N / 2; i++)
        assert_true(add(1, 1) >= 0);
    assert_int_equal(add(1, 0), -ENOSPC);
    assert_int_equal(virtq_next_head(&q), -ENOSPC);
    int head = device_get();
    device_put((u32)head, 0);
    assert_int_equal(virtq_take(&q, &len), head);
    assert_int_equal(add(2, 0), head);
}
static void flags(void **state)
{
    assert_true(virtq_wants_notice(&q));
    used()[0] = 1;
    assert_false(virtq_wants_notice(&q));
    assert_int_equal(avail()[0], 0);
    virtq_be_quiet(&q);
    assert_int_equal(avail()[0], 1);
}
/* Chains of all lengths, given back in any order, until the indices have wrapped more than once. */
static void long_life(void **state)
{
    u32 len, owner[N] = { 0 };
    int held[N];
    unsigned nheld = 0;
    srand(7);
    for (int i = 0; i < 200000; i++) {
        unsigned nread = (unsigned)rand() % 3, nwrite = (unsigned)rand() % 3;
        if (nread + nwrite) {
            int head = add(nread, nwrite);
            if (head >= 0) {
                assert_int_equal(owner[head], 0);
                owner[head] = nread + nwrite;
                held[nheld++] = device_get();
                assert_int_equal(held[nheld - 1], head);
            }
        }
        if (nheld && rand() % 2) {
            unsigned k = (unsigned)rand() % nheld;
            device_put((u32)held[k], 0);
            assert_int_equal(virtq_take(&q, &len), held[k]);
            owner[held[k]] = 0;
            held[k] = held[--nheld];
        }
        unsigned sum = q.nfree;
        for (unsigned k = 0; k < nheld; k++)
            sum += owner[held[k]];
        assert_int_equal(sum, N);
    }
}
static void dies(void)
{
    u32 len = 77;
    assert_int_equal(virtq_take(&q, &len), -EIO);
    assert_int_equal(len, 77);
    used()[1] = q.taken; /* nothing it says later brings it back */
    assert_int_equal(virtq_take(&q, &len), -EIO);
}
static void index_out_of_range(void **state)
{
    assert_true(add(0, 1) >= 0);
    device_put(N, 0);
    dies();
}
static void index_enormous(void **state)
{
    assert_true(add(0, 1) >= 0);
    device_put(~0u, 0);
    dies();
}
static void not_given(void **state)
{
    int head = add(0, 1);
    device_put((u32)head ^ 1, 0);
    dies();
}
static void inside_a_chain(void **state)
{
    int head = add(0, 2);
    device_put(((struct virtq_desc *)mem)[head].next, 0);
    dies();
}
static void twice(void **state)
{
    u32 len;
    int head = add(0, 1);
    assert_true(add(0, 1) >= 0);
    device_put((u32)head, 5);
    device_put((u32)head, 5);
    assert_int_equal(virtq_take(&q, &len), head);
    dies();
}
static void too_long(void **state)
{
    int head = add(3, 1);
    device_put((u32)head, 104); /* the one piece to write has 103 */
    dies();
}
static void written_to_what_is_read(void **state)
{
    int head = add(1, 0);
    device_put((u32)head, 1);
    dies();
}
static void too_many(void **state)
{
    assert_true(add(0, 1) >= 0);
    used()[1] = 2;
    dies();
}
static void backwards(void **state)
{
    assert_true(add(0, 1) >= 0);
    used()[1] = 0xffff;
    dies();
}
/* A device that writes all over the rings: an answer each time, and nothing outside of them. */
static void garbage(void **state)
{
    u32 len;
    srand(3);
    for (int i = 0; i < 20000; i++) {
        memset(mem, 0, l.size);
        virtq_init(&q, N, mem, &l, slot);
        for (int k = 0; k < 20; k++) {
            if (rand() % 2)
                (void)!add((unsigned)rand() % 2, 1);
            for (size_t b = 0; b < l.size; b++)
                mem[b] = (unsigned char)(rand() % 4 ? 0 : rand());
            int r = virtq_take(&q, &len);
            assert_true(r == -EIO || r == -EAGAIN || (r >= 0 && r < (int)N));
        }
    }
}
int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(layout), T(a_chain), T(full), T(flags), T(long_life), T(index_out_of_range), T(index_enormous), T(not_given),
        T(inside_a_chain), T(twice), T(too_long), T(written_to_what_is_read), T(too_many), T(backwards), T(garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
