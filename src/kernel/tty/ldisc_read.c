/* The line discipline's other sides: what a program reads, its settings, output processing. */
#include "lib/string.h"
#include "tty/ldisc_priv.h"

#define CTRL(letter) ((letter) & 0x1f)

void ldisc_init(struct ldisc *ld)
{
    memset(ld, 0, sizeof(*ld));
    ld->t = (struct tty_termios){
        .iflag = T_ICRNL | T_IXON | T_IUTF8 | T_IMAXBEL,
        .oflag = T_OPOST | T_ONLCR,
        .cflag = T_B38400 | T_CS8 | T_CREAD | T_HUPCL,
        .lflag = T_ISIG | T_ICANON | T_ECHO | T_ECHOE | T_ECHOK | T_ECHOCTL | T_ECHOKE | T_IEXTEN,
        .cc = {
            [VINTR] = CTRL('C'), [VQUIT] = CTRL('\\'), [VERASE] = 0x7f, [VKILL] = CTRL('U'),
            [VEOF] = CTRL('D'), [VMIN] = 1, [VSTART] = CTRL('Q'), [VSTOP] = CTRL('S'),
            [VSUSP] = CTRL('Z'), [VREPRINT] = CTRL('R'), [VDISCARD] = CTRL('O'),
            [VWERASE] = CTRL('W'), [VLNEXT] = CTRL('V'),
        },
    };
}

static bool eof_mark_at(const struct ldisc *ld, u32 pos)
{
    return byte_at(ld, pos) == 0 && eol_at(ld, pos);
}

static size_t read_line(struct ldisc *ld, char *dst, size_t n, bool *eof)
{
    size_t got = 0;

    while (got < n && ld->head != ld->ready) {
        u32 pos = ld->head++;
        ld->line_done = eol_at(ld, pos);
        if (eof_mark_at(ld, pos)) {
            *eof = got == 0;
            return got;
        }
        dst[got++] = (char)byte_at(ld, pos);
        if (ld->line_done)
            return got;
    }
    /* The buffer ended just where ^D was typed: were the mark left, the next read would take it
     * for the end of the file. */
    if (got > 0 && ld->head != ld->ready && eof_mark_at(ld, ld->head)) {
        ld->head++;
        ld->line_done = true;
    }
    return got;
}

static size_t read_raw(struct ldisc *ld, char *dst, size_t n)
{
    size_t got = MIN(n, (size_t)(ld->ready - ld->head));
    size_t first = MIN(got, (size_t)(LDISC_SIZE - ld->head % LDISC_SIZE));

    memcpy(dst, ld->buf + ld->head % LDISC_SIZE, first);
    memcpy(dst + first, ld->buf, got - first);
    ld->head += got;
    return got;
}

size_t ldisc_read(struct ldisc *ld, char *dst, size_t n, bool *eof)
{
    *eof = false;
    ld->line_done = false;
    if (n == 0)
        return 0;
    return lflag(ld, T_ICANON) ? read_line(ld, dst, n, eof) : read_raw(ld, dst, n);
}

bool ldisc_readable(const struct ldisc *ld)
{
    return ld->head != ld->ready;
}

bool ldisc_poll(const struct ldisc *ld)
{
    u32 least = lflag(ld, T_ICANON) || ld->t.cc[VTIME] ? 1 : MAX((u32)ld->t.cc[VMIN], 1u);

    return ld->ready - ld->head >= least;
}

size_t ldisc_pending(const struct ldisc *ld)
{
    size_t n = ld->ready - ld->head;

    for (u32 pos = ld->head; lflag(ld, T_ICANON) && pos != ld->ready; pos++)
        n -= eof_mark_at(ld, pos);
    return n;
}

/* To raw: what was typed of a line is input like any other. To canonical: what was typed raw becomes a
 * line that is complete, without an end of its own. Either way marks of ^D turn into zeroes (as Linux). */
static void mode_switched(struct ldisc *ld)
{
    ld->ready = ld->tail;
    memset(ld->eol, 0, sizeof(ld->eol));
    if (lflag(ld, T_ICANON) && ld->head != ld->ready)
        eol_set(ld, ld->ready - 1, true);
    ld->literal_next = ld->erasing = false;
}

void ldisc_set_termios(struct ldisc *ld, const struct tty_termios *t)
{
    bool switched = (ld->t.lflag ^ t->lflag) & T_ICANON;

    ld->t = *t;
    ld->job = LDISC_IDLE;
    if (!(t->iflag & T_IXON))
        ld->stopped = false;
    if (switched)
        mode_switched(ld);
}

void ldisc_flush_input(struct ldisc *ld)
{
    ld->head = ld->ready = ld->tail;
    ld->literal_next = ld->erasing = false;
    ld->job = LDISC_IDLE;
}

static void column_advance(struct ldisc *ld, u8 c)
{
    switch (c) {
    case '\r':
        ld->column = 0;
        break;
    case '\b':
        ld->column -= ld->column > 0;
        break;
    case '\t':
        ld->column = (ld->column | 7) + 1;
        break;
    default:
        if (!is_control(c) && !((ld->t.iflag & T_IUTF8) && is_utf8_tail(c)))
            ld->column++;
    }
}

static size_t put_spaces(struct ldisc *ld, char *out)
{
    u32 n = 8 - ld->column % 8;

    memset(out, ' ', n);
    ld->column += n;
    return n;
}

/* One byte that may not be what it seems. */
static size_t process(struct ldisc *ld, u8 byte, char *out)
{
    u32 oflag = ld->t.oflag;

    if (byte == '\n' && (oflag & T_ONLCR)) {
        ld->column = 0;
        out[0] = '\r';
        out[1] = '\n';
        return 2;
    }
    if (byte == '\r' && (oflag & T_ONOCR) && ld->column == 0)
        return 0;
    if (byte == '\r' && (oflag & T_OCRNL))
        byte = '\n';
    if (byte == '\n' && (oflag & T_ONLRET))
        ld->column = 0;
    if (byte == '\t' && (oflag & T_TABDLY) == T_XTABS)
        return put_spaces(ld, out);
    if (byte >= 'a' && byte <= 'z' && (oflag & T_OLCUC))
        byte &= (u8)~0x20;
    column_advance(ld, byte);
    out[0] = (char)byte;
    return 1;
}

size_t ldisc_output(struct ldisc *ld, const char *in, size_t n, char *out, size_t room, size_t *used)
{
    size_t took = 0, o = 0;
    u8 last_plain = ld->t.oflag & T_OLCUC ? '`' : '~';

    if (!(ld->t.oflag & T_OPOST)) {
        *used = MIN(n, room);
        memcpy(out, in, *used);
        return *used;
    }
    while (took < n && room - o >= LDISC_OUT_MAX) {
        u8 byte = (u8)in[took++];
        if (likely(byte >= ' ' && byte <= last_plain)) {
            out[o++] = (char)byte;
            ld->column++;
        } else {
            o += process(ld, byte, out + o);
        }
    }
    *used = o;
    return took;
}
