/* Sources: */
#include "tests/unit/host.h"
#include "vfs/pipe_ring.h"
#include <stdlib.h>
#include <string.h>

#define PIPE_RING_BYTES 65536u

static uint8_t memory[PIPE_RING_BYTES];

static size_t put(struct pipe_ring *r, const uint8_t *p, size_t n)
{
    size_t done = 0;
    for (struct pipe_span s; done < n && (s = pipe_ring_write_span(r, n - done)).len; done += s.len) {
        assert_true(s.offset + s.len <= PAGE_SIZE && s.page < PIPE_RING_BYTES / PAGE_SIZE);
        memcpy(memory + s.page * PAGE_SIZE + s.offset, p + done, s.len);
        pipe_ring_produce(r, s.len);
    }
    return done;
}
static size_t take(struct pipe_ring *r, uint8_t *p, size_t n)
{
    size_t done = 0;
    for (struct pipe_span s; done < n && (s = pipe_ring_read_span(r, n - done)).len; done += s.len) {
        assert_true(s.offset + s.len <= PAGE_SIZE);
        memcpy(p + done, memory + s.page * PAGE_SIZE + s.offset, s.len);
        pipe_ring_consume(r, s.len);
    }
    return done;
}

static void test_edges(void **state)
{
    static uint8_t buf[PIPE_RING_BYTES + 1];
    struct pipe_ring r = { .bytes = PIPE_RING_BYTES };
    assert_int_equal(pipe_ring_read_span(&r, 10).len, 0);
    assert_int_equal(pipe_ring_write_span(&r, 0).len, 0);
    assert_int_equal(put(&r, buf, sizeof buf), PIPE_RING_BYTES);
    assert_int_equal(pipe_ring_free(&r), 0);
    assert_int_equal(put(&r, buf, 1), 0);
    assert_int_equal(take(&r, buf, sizeof buf), PIPE_RING_BYTES);
    assert_int_equal(pipe_ring_used(&r), 0);
    EXPECT_PANIC(pipe_ring_consume(&r, 1));
    EXPECT_PANIC(pipe_ring_produce(&r, PIPE_RING_BYTES + 1));
}

static void test_empty_starts_over(void **state)
{
    struct pipe_ring r = { .bytes = PIPE_RING_BYTES };
    uint8_t b[100];
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(put(&r, b, sizeof b), sizeof b);
        assert_int_equal(take(&r, b, sizeof b), sizeof b);
        assert_int_equal(pipe_ring_write_span(&r, 1).page, 0);
    }
}

/* Random traffic over the wrap of the 32-bit counts: bytes come out as they went in. */
static void test_random(void **state)
{
    static uint8_t buf[PIPE_RING_BYTES];
    struct pipe_ring r = { .head = 0xfffe0000, .tail = 0xfffe0000, .origin = 0xfffe0000, .bytes = PIPE_RING_BYTES };
    uint64_t in = 0, out = 0;
    srand(3);
    for (int i = 0; i < 5000; i++) {
        size_t n = (size_t)rand() % (rand() % 4 ? 5000 : sizeof buf);
        if (rand() & 1) {
            for (size_t k = 0; k < n; k++)
                buf[k] = (uint8_t)((in + k) * 7 >> 2);
            in += put(&r, buf, n);
        } else {
            size_t got = take(&r, buf, n);
            for (size_t k = 0; k < got; k++)
                assert_int_equal(buf[k], (uint8_t)((out + k) * 7 >> 2));
            out += got;
        }
        assert_int_equal(pipe_ring_used(&r), in - out);
    }
    assert_true(in > 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_edges), cmocka_unit_test(test_empty_starts_over), cmocka_unit_test(test_random) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
