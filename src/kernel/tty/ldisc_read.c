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
    size_t got = 0;

    while (got < n && ld->head != ld->ready) {
        u32 pos = ld->head++;
        if (!eof_mark_at(ld, pos))
            dst[got++] = (char)byte_at(ld, pos);
    }
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
    return lflag(ld, T_ICANON) ? ld->head != ld->ready : ldisc_pending(ld) > 0;
}

size_t ldisc_pending(const struct ldisc *ld)
{
    size_t n = 0;

    for (u32 pos = ld->head; pos != ld->ready; pos++)
        n += !eof_mark_at(ld, pos);
    return n;
}

void ldisc_set_termios(struct ldisc *ld, const struct tty_termios *t)
{
    ld->t = *t;
    ld->literal_next = false;
    ld->job = LDISC_IDLE;
    if (!(t->iflag & T_IXON))
        ld->stopped = false;
    /* To raw: what was typed of a line is input like any other. To canonical: what was typed raw
     * stays readable and is not edited any more; in raw mode ready == tail already. */
    if (!lflag(ld, T_ICANON))
        ld->ready = ld->tail;
}

void ldisc_flush_input(struct ldisc *ld)
{
    ld->head = ld->ready = ld->tail;
    ld->literal_next = false;
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

unsigned ldisc_output(struct ldisc *ld, u8 byte, char out[2])
{
    if (ld->t.oflag & T_OPOST) {
        if (byte == '\n' && (ld->t.oflag & T_ONLCR)) {
            ld->column = 0;
            out[0] = '\r';
            out[1] = '\n';
            return 2;
        }
        if (byte == '\r' && (ld->t.oflag & T_OCRNL))
            byte = '\n';
        if (byte == '\n' && (ld->t.oflag & T_ONLRET))
            ld->column = 0;
    }
    column_advance(ld, byte);
    out[0] = (char)byte;
    return 1;
}
