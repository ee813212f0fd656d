/* Sources: src/kernel/net/tcp_machine.c src/kernel/net/tcp_output.c src/kernel/net/tcp_ack.c src/kernel/net/tcp_bytes.c src/kernel/net/tcp_resend.c */
#include "lib/errno.h"
#include "net/tcp_machine.h"
#include "tests/unit/host.h"
#include <stdlib.h>
#include <string.h>

/* Two machines and a wire that loses, repeats and reorders. */
#define BUFFER 65536u
#define WIRE 256u
#define BYTES 300000u

struct end {
    struct tcp t;
    struct end *peer;
    uint8_t tx[BUFFER], rx[2 * BUFFER];
    uint32_t rx_in_order;
    uint32_t written, read;
    bool closed;
};
struct flying { struct end *to; struct tcp_segment s; uint8_t data[1500]; };

static struct flying wire[WIRE];
static unsigned nwire, loss, sent;
static struct end a, b;

static void wire_send(struct tcp *t, const struct tcp_segment *s, u32 offset)
{
    struct end *e = container_of(t, struct end, t);
    sent++;
    for (int copies = rand() % 100 < (int)loss / 2 ? 2 : 1; copies; copies--) {
        if (rand() % 100 < (int)loss || nwire == WIRE)
            continue;
        struct flying *f = &wire[nwire++];
        *f = (struct flying){ .to = e->peer, .s = *s };
        assert_true(s->len <= sizeof f->data && offset + s->len <= BUFFER);
        memcpy(f->data, e->tx + offset, s->len);
    }
}
static int keep(struct tcp *t, u32 offset, const u8 *data, u32 len)
{
    struct end *e = container_of(t, struct end, t);
    assert_true(e->rx_in_order + offset + len <= BUFFER);
    if (loss && rand() % 50 == 0)
        return -ENOMEM;
    memcpy(e->rx + e->rx_in_order + offset, data, len);
    return 0;
}
static void received(struct tcp *t, u32 n) { container_of(t, struct end, t)->rx_in_order += n; }
static void acked(struct tcp *t, u32 n)
{
    struct end *e = container_of(t, struct end, t);
    memmove(e->tx, e->tx + n, BUFFER - n);
}
static const struct tcp_ops ops = { .send = wire_send, .store = keep, .received = received, .acked = acked };

static uint8_t pattern(uint32_t i) { return (uint8_t)(i * 13 >> 3); }

static void write_some(struct end *e)
{
    while (e->written < BYTES && e->t.queued < BUFFER && tcp_may_send(&e->t))
        e->tx[e->t.queued++] = pattern(e->written++);
    if (e->written == BYTES && !e->closed && tcp_may_send(&e->t)) {
        e->closed = true;
        tcp_finish(&e->t);
    }
}
/* Now and then, so that windows close. */
static void read_some(struct end *e)
{
    if (loss && rand() % 4)
        return;
    for (uint32_t i = 0; i < e->rx_in_order; i++)
        assert_int_equal(e->rx[i], pattern(e->read + i));
    e->read += e->rx_in_order;
    memmove(e->rx, e->rx + e->rx_in_order, BUFFER);
    e->rx_in_order = 0;
    e->t.rcv_room = BUFFER;
    tcp_window_opened(&e->t);
}

static bool done(const struct end *e) { return e->t.state == TCP_TIME_WAIT || e->t.state == TCP_CLOSED; }

static void deliver(u64 now)
{
    unsigned i = loss && rand() % 8 == 0 ? (unsigned)rand() % nwire : 0;
    struct flying f = wire[i];
    memmove(&wire[i], &wire[i + 1], (--nwire - i) * sizeof wire[0]);
    f.s.data = f.data;
    if (f.to->t.state == TCP_LISTEN && f.s.flags == TCP_SYN)
        tcp_accept_syn(&f.to->t, &f.s, now);
    else
        tcp_input(&f.to->t, &f.s, now);
    tcp_output(&f.to->t, now);
}

/* Two ends, of which one has called the other. */
static void start(u64 now, uint32_t iss_a, uint32_t iss_b)
{
    nwire = sent = 0;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    a.peer = &b;
    b.peer = &a;
    tcp_init(&a.t, &ops, iss_a, 1400, BUFFER);
    tcp_init(&b.t, &ops, iss_b, 1400, BUFFER);
    b.t.state = TCP_LISTEN;
    tcp_connect(&a.t, now);
}

static void run(unsigned loss_percent, uint32_t iss_a, uint32_t iss_b, unsigned seed)
{
    u64 now = 1;
    srand(seed);
    loss = loss_percent;
    start(now, iss_a, iss_b);
    for (long step = 0; !(done(&a) && done(&b)); step++) {
        assert_true(step < 3000000);
        if (nwire) {
            deliver(now += 1000);
        } else {
            u64 da = tcp_deadline(&a.t), db = tcp_deadline(&b.t), first = !da || (db && db < da) ? db : da;
            now = first > now ? first : now + 1000000;
            tcp_timeout(&a.t, now);
            tcp_timeout(&b.t, now);
        }
        for (struct end *e = &a;; e = &b) {
            write_some(e);
            read_some(e);
            tcp_output(&e->t, now);
            if (e == &b)
                break;
        }
    }
    loss = 0;
    read_some(&a);
    read_some(&b);
    assert_int_equal(a.t.error, 0);
    assert_int_equal(b.t.error, 0);
    assert_int_equal(a.read, BYTES);
    assert_int_equal(b.read, BYTES);
}

static void test_clean(void **state) { run(0, 100, 200, 1); }
static void test_wrap(void **state) { run(0, 0xfffffff0u, 0xffff0000u, 1); }
static void test_loss(void **state)
{
    for (unsigned seed = 1; seed <= 40; seed++)
        run(1 + seed % 12, (uint32_t)seed * 0x9e3779b9u, 0u - seed * 70000u, seed);
}

/* Whatever arrives: no assertion, no sanitizer's complaint, and nothing beyond the buffers. */
static void test_hostile(void **state)
{
    static uint8_t junk[1500];
    for (unsigned seed = 1; seed <= 300; seed++) {
        srand(seed);
        nwire = loss = 0;
        memset(&a, 0, sizeof a);
        a.peer = &b;
        tcp_init(&a.t, &ops, (uint32_t)rand() * 5u, 1400, BUFFER);
        tcp_connect(&a.t, 1);
        for (int i = 0; i < 500; i++) {
            uint32_t near = (uint32_t)(rand() % 200000 - 100000);
            struct tcp_segment s = {
                .seq = rand() % 3 ? a.t.rcv_nxt + near / (1u << rand() % 16) : (uint32_t)rand() * 3u,
                .ack = rand() % 3 ? a.t.snd_una + near % 4 : (uint32_t)rand() * 3u,
                .wnd = (uint32_t)rand() & 0xffff, .len = (uint32_t)rand() % sizeof junk, .data = junk,
                .flags = (u8)(rand() % 4 ? TCP_ACK | (rand() & 9) : rand() & 0x3f),
                .scale = (u8)(rand() & 15), .mss = (u16)rand(),
            };
            tcp_input(&a.t, &s, 1000u * (u64)i + 1);
            write_some(&a);
            if (rand() % 20 == 0)
                tcp_timeout(&a.t, 10000000000ull * (u64)i);
            tcp_output(&a.t, 1000u * (u64)i + 1);
            nwire = 0;
            a.read += a.rx_in_order;
            memset(a.rx, 0, 1);
            if (a.rx_in_order > BUFFER / 2) {
                a.rx_in_order = 0;
                a.t.nearly = 0;
                a.t.rcv_room = BUFFER;
            }
        }
    }
}

/* Two ends that disagree about where they are must not answer each other's answers for ever. */
static void test_no_storm(void **state)
{
    struct tcp_segment s = { .flags = TCP_ACK, .wnd = 1000, .scale = TCP_NO_SCALE };
    start(1, 100, 200);
    while (nwire)
        deliver(1000);
    assert_int_equal(a.t.state, TCP_ESTABLISHED);
    for (int kind = 0; kind < 3; kind++) {
        u64 now = (u64)(kind + 2) * TCP_SECOND;
        unsigned before = sent;
        s.seq = a.t.rcv_nxt - (kind == 0);
        s.ack = a.t.snd_max + (kind == 1 ? 5 : 0);
        s.flags = kind == 2 ? TCP_SYN : TCP_ACK;
        for (int i = 0; i < 1000; i++) {
            tcp_input(&a.t, &s, now + (u64)i);
            tcp_output(&a.t, now + (u64)i);
        }
        assert_int_equal(sent - before, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean), cmocka_unit_test(test_wrap), cmocka_unit_test(test_loss), cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_no_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
