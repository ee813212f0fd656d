/* Sources: src/kernel/tty/ldisc.c src/kernel/tty/ldisc_edit.c src/kernel/tty/ldisc_read.c */
#include "tests/unit/host.h"
#include "tty/ldisc.h"
#include <stdlib.h>
#include <string.h>

static struct ldisc ld;
static char shown[65536];
static size_t nshown;
static unsigned effects;

static void show(const struct ldisc_out *out)
{
    size_t used, took = ldisc_output(&ld, out->echo, out->necho, shown + nshown, sizeof shown - 1 - nshown, &used);
    assert_int_equal(took, out->necho);
    nshown += used;
}

static void feed_byte(u8 c)
{
    struct ldisc_out out;
    ldisc_receive(&ld, c, &out);
    effects |= out.effects;
    show(&out);
    while (out.more) {
        out.necho = 0;
        ldisc_continue(&ld, &out);
        show(&out);
    }
    assert_true(ld.ready - ld.head <= ld.tail - ld.head && ld.tail - ld.head <= LDISC_SIZE);
}

static void feed(const char *s)
{
    nshown = 0, effects = 0;
    while (*s)
        feed_byte((u8)*s++);
    shown[nshown] = 0;
}

static int setup(void **state)
{
    ldisc_init(&ld);
    return 0;
}

static void expect_read(const char *want)
{
    char buf[LDISC_SIZE + 1];
    bool eof;
    size_t n = ldisc_read(&ld, buf, LDISC_SIZE, &eof);
    buf[n] = 0;
    assert_string_equal(buf, want);
    assert_false(eof);
}

static void lines(void **state)
{
    feed("ab");
    assert_false(ldisc_readable(&ld));
    feed("c\rde\n");
    assert_string_equal(shown, "c\r\nde\r\n");
    assert_int_equal(effects, LDISC_WAKE);
    assert_int_equal(ldisc_pending(&ld), 7);
    expect_read("abc\n");
    assert_true(ld.line_done);
    expect_read("de\n");
    assert_false(ldisc_readable(&ld));
}

static void short_reads(void **state)
{
    char b[2];
    bool eof;
    feed("abc\n");
    assert_int_equal(ldisc_read(&ld, b, 2, &eof), 2);
    assert_false(ld.line_done);
    assert_int_equal(ldisc_read(&ld, b, 0, &eof), 0);
    expect_read("c\n");
}

static void editing(void **state)
{
    feed("abx\177c\n");
    assert_string_equal(shown, "abx\b \bc\r\n");
    expect_read("abc\n");
    feed("\177\177a\3031\n"); /* nothing to erase; a broken UTF-8 head */
    expect_read("a\3031\n");
    feed("a\303\244\177b\n");
    assert_string_equal(shown, "a\303\244\b \bb\r\n");
    expect_read("ab\n");
    feed("foo bar  \27x\n");
    expect_read("foo x\n");
    feed("abc\25d\n");
    assert_string_equal(shown, "abc\b \b\b \b\b \bd\r\n");
    expect_read("d\n");
    feed("a\26\3\177b\n");
    assert_string_equal(shown, "a^\b^C\b \b\b \bb\r\n");
    expect_read("ab\n");
    feed("ab\22\n");
    assert_string_equal(shown, "ab^R\r\nab\r\n");
    expect_read("ab\n");
    feed("a\t\177\n");
    assert_string_equal(shown, "a\t\b\b\b\b\b\b\b\r\n");
    expect_read("a\n");
}

static void literal(void **state)
{
    feed("\26\4\26\n\26\25\n");
    expect_read("\4\n\25\n");
}

static void end_of_file(void **state)
{
    char b[8];
    bool eof;
    feed("\4");
    assert_true(ldisc_readable(&ld));
    assert_int_equal(ldisc_pending(&ld), 0);
    assert_int_equal(ldisc_read(&ld, b, 8, &eof), 0);
    assert_true(eof);
    assert_false(ldisc_readable(&ld));
    feed("abc\4");
    expect_read("abc");
    feed("abc\4");
    assert_int_equal(ldisc_read(&ld, b, 3, &eof), 3);
    assert_true(ld.line_done);
    assert_false(ldisc_readable(&ld));
}

static void signals(void **state)
{
    feed("abc\3");
    assert_string_equal(shown, "abc^C");
    assert_true(effects & LDISC_SIGINT);
    feed("\n");
    expect_read("\n");
    feed("\34\32");
    assert_int_equal(effects & ~(LDISC_WAKE | LDISC_FLUSH), LDISC_SIGQUIT | LDISC_SIGTSTP);
    struct tty_termios t = ld.t;
    t.lflag |= T_NOFLSH;
    ldisc_set_termios(&ld, &t);
    feed("ab\3c\n");
    expect_read("abc\n");
}

static void flow(void **state)
{
    feed("a\23");
    assert_true(ld.stopped);
    feed("\21");
    assert_false(ld.stopped);
    assert_int_equal(effects, LDISC_WAKE);
    feed("\23\3");
    assert_false(ld.stopped);
}

static void full(void **state)
{
    for (int i = 0; i < 5000; i++)
        feed_byte('x');
    assert_int_equal(ld.tail, LDISC_LINE - 1);
    feed("y");
    assert_string_equal(shown, "\a");
    feed("\n");
    assert_int_equal(ldisc_pending(&ld), 4096);
    for (int i = 0; i < 5000; i++)
        feed_byte('x');
    assert_int_equal(ldisc_room(&ld), 0);
    feed("\n\4");
    assert_int_equal(ldisc_pending(&ld), LDISC_SIZE);
    char b[4096];
    bool eof;
    assert_int_equal(ldisc_read(&ld, b, sizeof b, &eof), 4096);
    assert_int_equal(b[4095], '\n');
    assert_true(ldisc_room(&ld) > 0);
    assert_int_equal(ldisc_read(&ld, b, sizeof b, &eof), 4096);
    assert_int_equal(b[4095], '\n');
    for (int i = 0; i < 4095; i++)
        feed_byte('x');
    feed("\25");
    assert_int_equal(nshown, 4095 * 3);
    feed("ok\n");
    expect_read("ok\n");
}

static void modes(void **state)
{
    struct tty_termios cooked = ld.t, raw = ld.t;
    raw.lflag &= ~(T_ICANON | T_ECHO | T_ISIG);
    raw.iflag &= ~(T_ICRNL | T_IXON);
    feed("ab");
    ldisc_set_termios(&ld, &raw);
    assert_true(ldisc_readable(&ld));
    feed("\3\r\23");
    assert_int_equal(nshown, 0);
    expect_read("ab\3\r\23");
    feed("q");
    ldisc_set_termios(&ld, &cooked);
    assert_true(ldisc_readable(&ld));
    expect_read("q");
    feed("x\4");
    ldisc_set_termios(&ld, &raw);
    assert_int_equal(ldisc_pending(&ld), 2); /* the mark of ^D is a zero now, as on Linux */
    expect_read("x");
    assert_false(ldisc_readable(&ld));
    raw.cc[VMIN] = 3;
    ldisc_set_termios(&ld, &raw);
    feed("ab");
    assert_true(ldisc_readable(&ld) && !ldisc_poll(&ld));
    feed("c");
    assert_true(ldisc_poll(&ld));
}

static void expect_output(u32 oflag, const char *in, const char *want)
{
    char o[64];
    size_t used;
    ld.t.oflag = oflag, ld.column = 0;
    assert_int_equal(ldisc_output(&ld, in, strlen(in), o, sizeof o, &used), strlen(in));
    o[used] = 0;
    assert_string_equal(o, want);
}

static void output(void **state)
{
    expect_output(0, "a\nb", "a\nb");
    expect_output(T_OPOST | T_ONLCR, "a\nb", "a\r\nb");
    expect_output(T_OPOST | T_OCRNL, "a\rb", "a\nb");
    expect_output(T_OPOST | T_ONOCR, "\ra\r\rb", "a\rb");
    expect_output(T_OPOST | T_XTABS, "a\tb\bc\t", "a       b\bc       ");
    expect_output(T_OPOST | T_OLCUC, "aZ{", "AZ{");
    char o[LDISC_OUT_MAX + 2];
    size_t used;
    ld.t.oflag = T_OPOST | T_ONLCR;
    assert_int_equal(ldisc_output(&ld, "abcdef", 6, o, sizeof o, &used), 3); /* the rest may not fit */
    assert_int_equal(used, 3);
    assert_int_equal(ldisc_output(&ld, "abcdef", 6, o, LDISC_OUT_MAX - 1, &used), 0);
}

/* What is erased is printed again, backwards, between \\ and /. */
static void erase_on_paper(void **state)
{
    ld.t.lflag |= T_ECHOPRT;
    feed("ab\303\244\177\177c\177\n");
    assert_string_equal(shown, "ab\303\244\\\303\244b/c\\c\r\n");
    expect_read("a\n");
}

static void fuzz(void **state)
{
    srand(1);
    for (int i = 0; i < 300000; i++) {
        u8 c = rand() % 3 ? (u8)rand() : (u8)(rand() % 0x20);
        feed_byte(c);
        if (rand() % 64 == 0) {
            char b[300];
            bool eof;
            size_t want = (size_t)rand() % 300, n = ldisc_read(&ld, b, want, &eof);
            assert_true(n <= want);
        }
        if (rand() % 1000 == 0) {
            struct tty_termios t = ld.t;
            t.iflag = (u32)rand() & 0x5fff, t.lflag = (u32)rand() & 0xffff, t.oflag = (u32)rand() & 0x187f;
            for (int k = 0; k < TTY_NCCS && rand() % 2; k++)
                t.cc[k] = (u8)rand();
            ldisc_set_termios(&ld, &t);
        }
        if (nshown > 60000)
            nshown = 0;
    }
}

#define T(f) cmocka_unit_test_setup(f, setup)
int main(void)
{
    const struct CMUnitTest tests[] = { T(lines), T(short_reads), T(editing), T(literal), T(end_of_file),
        T(signals), T(flow), T(full), T(modes), T(output), T(erase_on_paper), T(fuzz) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
