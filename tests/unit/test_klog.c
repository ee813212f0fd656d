/* Sources: src/kernel/lib/klog.c src/kernel/lib/klog_ring.c src/kernel/lib/klog_raw.c src/kernel/lib/format.c */
#define _GNU_SOURCE /* memmem */
#include "lib/klog.h"
#include "tests/unit/host.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char seen[1 << 20];
static size_t seen_len;
static void sink_kick(struct log_sink *sink)
{
    char text[LOG_TEXT_MAX];
    for (size_t len; (len = log_sink_next(sink, text));) {
        assert_true(len > 0 && text[len - 1] == '\n');
        if (seen_len + len < sizeof seen)
            memcpy(seen + seen_len, text, len);
        seen_len += len;
        seen[MIN(seen_len, sizeof seen - 1)] = 0;
    }
}
static struct log_sink sink = { .name = "test", .kick = sink_kick }, second = { .name = "second", .kick = sink_kick };

static u64 fake_time;
static u64 now(void) { return fake_time; }
static _Thread_local unsigned my_cpu;
static unsigned cpu(void) { return my_cpu; }

static void test_early(void **state)
{
    char buf[400];
    u64 seq = 0;
    klog(LOG_ERR, "nobody hears this");
    assert_int_equal(log_early_drops(), 1);
    assert_int_equal(log_read(&seq, buf, sizeof buf), 0);
    debug_raw("memory ");
    debug_dec(18446744073709551615ull);
    debug_raw(" at ");
    assert_int_equal(log_read(&seq, buf, sizeof buf), 0); /* no line yet */
    debug_hex(0);
    debug_raw("\nnext ");
    debug_hex(0xffffffff80000000);
    debug_raw("\n");
    log_add_sink(&sink, true);
    assert_string_equal(seen, "[    0.000000] memory 18446744073709551615 at 0x0\n[    0.000000] next 0xffffffff80000000\n");
    log_remove_sink(&sink);
    size_t n = log_read(&seq, buf, sizeof buf);
    buf[n] = 0;
    assert_string_equal(buf, "<6>[    0.000000] memory 18446744073709551615 at 0x0\n");
    assert_int_equal(log_read(&seq, buf, 10), 10); /* cut to size */
    assert_int_equal(seq, 2);
    assert_int_equal(log_read(&seq, buf, 0), 0);
}

static void test_levels_and_stamps(void **state)
{
    log_ready();
    log_set_clock(now, cpu);
    fake_time = 12345678901ull;
    seen_len = 0;
    log_add_sink(&sink, false);
    kinfo("value %d", 7);
    kinfo("with newline\n");
    log_set_console_level(LOG_INFO);
    kinfo("hidden");
    kwarn("shown");
    log_set_console_level(LOG_DEBUG + 1);
    assert_string_equal(seen, "[   12.345678] value 7\n[   12.345678] with newline\n[   12.345678] shown\n");
    log_add_sink(&second, false);
    seen_len = 0;
    kinfo("both");
    assert_string_equal(seen, "[   12.345678] both\n[   12.345678] both\n");
    log_remove_sink(&second);
    assert_int_equal(log_early_drops(), 1);
}

static void test_records_of_kmsg(void **state)
{
    char buf[LOG_RECORD_MAX + 1], want[100];
    u64 from = log_end(), seq = from;
    fake_time = 12345678901ull;
    kwarn("plain: text");
    kinfo("a\\b\tc\xff");
    buf[log_read_record(&seq, buf)] = 0;
    snprintf(want, sizeof want, "4,%llu,12345678,-;plain: text\n", (unsigned long long)from);
    assert_string_equal(buf, want);
    buf[log_read_record(&seq, buf)] = 0;
    snprintf(want, sizeof want, "6,%llu,12345678,-;a\\x5cb\\x09c\\xff\n", (unsigned long long)from + 1);
    assert_string_equal(buf, want);
    assert_int_equal(log_read_record(&seq, buf), 0);
    char longest[LOG_LINE_MAX + 10];
    memset(longest, 1, sizeof longest);
    klog(LOG_DEBUG, "%.*s", (int)sizeof longest, longest);
    assert_in_range(log_read_record(&seq, buf), LOG_LINE_MAX * 3, LOG_RECORD_MAX);
}

static void test_long_lines(void **state)
{
    char text[600], buf[400];
    u64 seq = 0;
    memset(text, 'x', sizeof text);
    text[599] = 0;
    while (log_read(&seq, buf, sizeof buf))
        ;
    for (int len = 0; len < 300; len++) {
        klog(LOG_INFO, "%.*s", len, text);
        size_t n = log_read(&seq, buf, sizeof buf);
        buf[n] = 0;
        char *start = strchr(buf, ']') + 2;
        size_t got = strlen(start) - 1;
        assert_int_equal(got, MIN(len, LOG_LINE_MAX - 1));
        assert_int_equal(strspn(start, "x"), len < LOG_LINE_MAX ? len : LOG_LINE_MAX - 4);
    }
    seen_len = 0;
    debug_raw(text); /* longer than a line: broken, not lost */
    debug_raw("\n");
    assert_int_equal(seen_len, 599 + 3);
}

static void test_wrap_keeps_order_and_counts(void **state)
{
    char buf[400];
    u64 seq = 0;
    while (log_read(&seq, buf, sizeof buf))
        ;
    u64 first = seq, lost_before = log_lost();
    log_remove_sink(&sink);
    for (int i = 0; i < 1000; i++)
        klog(LOG_INFO, "line %d", i);
    int expect = 1000 - LOG_RING_SIZE / 128, count = 0, number;
    assert_int_equal(log_lost() - lost_before, expect);
    seq = first;
    while (log_read(&seq, buf, sizeof buf)) {
        assert_int_equal(sscanf(strchr(buf, ']') + 2, "line %d\n", &number), 1);
        assert_int_equal(number, expect + count++);
    }
    assert_int_equal(count, LOG_RING_SIZE / 128);
    assert_int_equal(log_lost() - lost_before, expect); /* all read now: overwriting them loses nothing */
    for (int i = 0; i < LOG_RING_SIZE / 128; i++)
        klog(LOG_INFO, "again %d", i);
    assert_int_equal(log_lost() - lost_before, expect);
}

static void test_ring_of_another_cpu(void **state)
{
    static char memory[LOG_RING_SIZE] ALIGNED(16);
    char buf[400];
    u64 seq = 0;
    while (log_read(&seq, buf, sizeof buf))
        ;
    assert_false(log_wants_ring(0));
    assert_true(log_wants_ring(1));
    assert_false(log_wants_ring(1000));
    my_cpu = 1;
    klog(LOG_INFO, "in the first ring");
    log_give_ring(1, memory);
    assert_false(log_wants_ring(1));
    EXPECT_PANIC(log_give_ring(1, memory));
    klog(LOG_INFO, "in its own");
    my_cpu = 0;
    assert_non_null(memmem(memory, sizeof memory, "in its own", 10));
    assert_null(memmem(memory, sizeof memory, "first ring", 10));
    assert_true(log_read(&seq, buf, sizeof buf) && strstr(buf, "in the first ring"));
    assert_true(log_read(&seq, buf, sizeof buf) && strstr(buf, "in its own"));
}

#define WRITERS 4
#define LINES 20000
static void *writer(void *arg)
{
    my_cpu = (unsigned)(uintptr_t)arg; /* 0 and 1 have rings of their own, 2 and 3 write to the first one */
    for (unsigned i = 0; i < LINES; i++) {
        char c = (char)('a' + i % 26);
        char fill[200];
        memset(fill, c, sizeof fill);
        klog(LOG_INFO, "w%u i%u %.*s.", (unsigned)(uintptr_t)arg, i, (int)(i % 190), fill);
    }
    return NULL;
}

static void test_no_line_is_torn(void **state)
{
    pthread_t t[WRITERS];
    char buf[400];
    u64 seq = 0, last = 0;
    unsigned lines = 0, running = 1;
    for (uintptr_t i = 0; i < WRITERS; i++)
        pthread_create(&t[i], NULL, writer, (void *)i);
    while (running) {
        size_t n;
        running = seq < (u64)WRITERS * LINES / 2;
        while ((n = log_read(&seq, buf, sizeof buf - 1))) {
            unsigned w, i;
            char *s = strstr(buf, "] w");
            buf[n] = 0;
            if (!s || sscanf(s, "] w%u i%u", &w, &i) != 2)
                continue; /* of an earlier test */
            assert_true(seq > last);
            last = seq;
            char *fill = strchr(strchr(s, 'i'), ' ') + 1, one[2] = { (char)('a' + i % 26), 0 };
            assert_int_equal(strspn(fill, one), i % 190);
            assert_string_equal(fill + i % 190, ".\n");
            lines++;
        }
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(t[i], NULL);
    assert_true(lines > 0);
    print_message("read %u whole lines of %u, %lu lost\n", lines, WRITERS * LINES, log_lost());
}

static void *raw_writer(void *arg)
{
    my_cpu = 7; /* the last buffer: what is written behind it is seen */
    for (unsigned i = 0; i < 20000; i++) {
        char text[300];
        unsigned n = i % 299;
        memset(text, 'r', n);
        text[n] = 0;
        debug_raw(text);
        if (i % 5 == 0)
            debug_raw("\n");
    }
    return NULL;
}

/* CPUs beyond the eighth share a buffer; the letters may mix, but none falls beside it. */
static void test_shared_raw_buffer(void **state)
{
    pthread_t t[WRITERS];
    log_set_console_level(LOG_EMERG);
    for (uintptr_t i = 0; i < WRITERS; i++)
        pthread_create(&t[i], NULL, raw_writer, NULL);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(t[i], NULL);
    log_set_console_level(LOG_DEBUG + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_early), cmocka_unit_test(test_levels_and_stamps),
        cmocka_unit_test(test_records_of_kmsg),
        cmocka_unit_test(test_long_lines), cmocka_unit_test(test_wrap_keeps_order_and_counts),
        cmocka_unit_test(test_ring_of_another_cpu),
        cmocka_unit_test(test_no_line_is_torn), cmocka_unit_test(test_shared_raw_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
