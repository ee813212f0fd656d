/* The line discipline's input half: signals and flow control, then either straight to the reader
 * (raw) or into a line that is edited until its end is typed (canonical). Editing proper is in
 * ldisc_edit.c, reading and settings in ldisc_read.c.
 *
 * The buffer is one ring with running counts: [head, ready) may be read, [ready, tail) is the line
 * being edited; in raw mode ready == tail always. A line may fill all but one place, which is kept
 * for the byte that ends it, so a line that is too long can still be finished. */
#include "tty/ldisc.h"

#include "lib/string.h"
#include "tty/ldisc_priv.h"

void echo_put(struct ldisc_out *out, char c)
{
    if (out->necho < sizeof(out->echo))
        out->echo[out->necho++] = c;
}

/* A byte as it is shown: control characters as ^X with ECHOCTL. */
void echo_byte(const struct ldisc *ld, u8 c, struct ldisc_out *out)
{
    if (is_control(c) && c != '\t' && lflag(ld, T_ECHOCTL)) {
        echo_put(out, '^');
        echo_put(out, (char)(c ^ 0x40));
    } else {
        echo_put(out, (char)c);
    }
}

static bool is_cc(const struct ldisc *ld, unsigned which, u8 c)
{
    return c != 0 && ld->t.cc[which] == c; /* 0 is _POSIX_VDISABLE */
}

static void bell_if_wanted(const struct ldisc *ld, struct ldisc_out *out)
{
    if (ld->t.iflag & T_IMAXBEL)
        echo_put(out, '\a');
}

static bool is_full(const struct ldisc *ld, u32 keep)
{
    return ld->tail - ld->head >= LDISC_SIZE - keep || ld->tail - ld->ready >= LDISC_LINE - keep;
}

size_t ldisc_room(const struct ldisc *ld)
{
    size_t free = LDISC_SIZE - (ld->tail - ld->head);

    if (lflag(ld, T_ICANON) && ld->head == ld->ready)
        return MAX(free, (size_t)1); /* nobody can read before the end comes */
    free -= MIN(free, (size_t)1);
    return ld->t.iflag & T_PARMRK ? free / 2 : free;
}

/* Puts a byte behind the line; false, with a bell, if only `keep` places are left. */
static bool line_append(struct ldisc *ld, u8 c, bool eol, u32 keep, struct ldisc_out *out)
{
    if (is_full(ld, keep)) {
        bell_if_wanted(ld, out);
        return false;
    }
    if (ld->tail == ld->ready)
        ld->line_column = ld->column;
    ld->buf[ld->tail % LDISC_SIZE] = c;
    eol_set(ld, ld->tail, eol);
    ld->tail++;
    return true;
}

static void line_end(struct ldisc *ld, u8 c, struct ldisc_out *out)
{
    if (!line_append(ld, c, true, 0, out))
        return;
    ld->ready = ld->tail;
    out->effects |= LDISC_WAKE;
}

/* ^C and its kin. */
static bool receive_signal(struct ldisc *ld, u8 c, struct ldisc_out *out)
{
    unsigned effect;

    if (!lflag(ld, T_ISIG))
        return false;
    if (is_cc(ld, VINTR, c))
        effect = LDISC_SIGINT;
    else if (is_cc(ld, VQUIT, c))
        effect = LDISC_SIGQUIT;
    else if (is_cc(ld, VSUSP, c))
        effect = LDISC_SIGTSTP;
    else
        return false;
    if (!lflag(ld, T_NOFLSH)) {
        ldisc_flush_input(ld);
        out->effects |= LDISC_FLUSH;
    }
    if (ld->t.iflag & T_IXON)
        ld->stopped = false; /* a stopped screen would hide what the signal does */
    if (lflag(ld, T_ECHO))
        echo_byte(ld, c, out);
    out->effects |= effect | LDISC_WAKE;
    return true;
}

static bool receive_flow(struct ldisc *ld, u8 c, struct ldisc_out *out)
{
    if (!(ld->t.iflag & T_IXON))
        return false;
    bool start = is_cc(ld, VSTART, c);
    bool stop = is_cc(ld, VSTOP, c) && !(start && ld->stopped); /* one key may do both */
    if (stop) {
        ld->stopped = true;
        return true;
    }
    if (ld->stopped && (start || (ld->t.iflag & T_IXANY))) {
        ld->stopped = false;
        out->effects |= LDISC_WAKE;
    }
    return start;
}

/* CR and NL mapping; false: the byte is dropped. */
static bool map_newline(const struct ldisc *ld, u8 *c)
{
    if (*c == '\r') {
        if (ld->t.iflag & T_IGNCR)
            return false;
        if (ld->t.iflag & T_ICRNL)
            *c = '\n';
    } else if (*c == '\n' && (ld->t.iflag & T_INLCR)) {
        *c = '\r';
    }
    return true;
}

/* With PARMRK a reader must be able to tell 0xff from a mark: it is doubled. */
static bool is_doubled(const struct ldisc *ld, u8 c) { return c == 0xff && (ld->t.iflag & T_PARMRK); }

static void receive_raw(struct ldisc *ld, u8 c, struct ldisc_out *out)
{
    if (!line_append(ld, c, false, is_doubled(ld, c), out))
        return;
    if (is_doubled(ld, c))
        (void)line_append(ld, c, false, 0, out);
    ld->ready = ld->tail;
    out->effects |= LDISC_WAKE;
    if (!lflag(ld, T_ECHO))
        return;
    if (c == '\n')
        echo_put(out, '\n');
    else
        echo_byte(ld, c, out);
}

static void receive_text(struct ldisc *ld, u8 c, struct ldisc_out *out)
{
    bool twice = is_doubled(ld, c);

    if (!line_append(ld, c, false, 1 + twice, out))
        return;
    if (twice)
        (void)line_append(ld, c, false, 1, out);
    if (!lflag(ld, T_ECHO))
        return;
    edit_erasing_end(ld, out);
    echo_byte(ld, c, out);
}

/* The bytes that end a line: NL, EOF, EOL, EOL2. */
static bool receive_end(struct ldisc *ld, u8 c, struct ldisc_out *out)
{
    if (c == '\n') {
        line_end(ld, c, out);
        if (lflag(ld, T_ECHO | T_ECHONL))
            echo_put(out, '\n');
        return true;
    }
    if (is_cc(ld, VEOF, c)) {
        line_end(ld, 0, out);
        return true;
    }
    if (is_cc(ld, VEOL, c) || (lflag(ld, T_IEXTEN) && is_cc(ld, VEOL2, c))) {
        line_end(ld, c, out);
        if (lflag(ld, T_ECHO))
            echo_byte(ld, c, out);
        return true;
    }
    return false;
}

static bool receive_edit(struct ldisc *ld, u8 c, struct ldisc_out *out)
{
    bool extended = lflag(ld, T_IEXTEN);

    if (is_cc(ld, VERASE, c))
        edit_erase(ld, c, out);
    else if (is_cc(ld, VKILL, c))
        edit_kill(ld, c, out);
    else if (extended && is_cc(ld, VWERASE, c))
        edit_word_erase(ld, c, out);
    else if (extended && is_cc(ld, VREPRINT, c))
        edit_reprint(ld, c, out);
    else
        return false;
    return true;
}

static void receive_literal_next(struct ldisc *ld, struct ldisc_out *out)
{
    ld->literal_next = true;
    if (lflag(ld, T_ECHO) && lflag(ld, T_ECHOCTL)) {
        echo_put(out, '^');
        echo_put(out, '\b');
    }
}

static void receive_canonical(struct ldisc *ld, u8 c, struct ldisc_out *out)
{
    if (receive_edit(ld, c, out) || receive_end(ld, c, out))
        return;
    receive_text(ld, c, out);
}

void ldisc_receive(struct ldisc *ld, u8 byte, struct ldisc_out *out)
{
    do { /* a caller that left an edit unfinished loses its echo, not the edit */
        out->necho = 0;
        ldisc_continue(ld, out);
    } while (out->more);
    *out = (struct ldisc_out){ .necho = 0 };

    if (ld->t.iflag & T_ISTRIP)
        byte &= 0x7f;
    if ((ld->t.iflag & T_IUCLC) && lflag(ld, T_IEXTEN) && byte >= 'A' && byte <= 'Z')
        byte |= 0x20;
    if (ld->literal_next) {
        ld->literal_next = false;
        if (lflag(ld, T_ICANON))
            receive_text(ld, byte, out);
        else
            receive_raw(ld, byte, out);
        return;
    }
    if (receive_flow(ld, byte, out) || receive_signal(ld, byte, out))
        return;
    if (!map_newline(ld, &byte))
        return;
    if (lflag(ld, T_IEXTEN) && lflag(ld, T_ICANON) && is_cc(ld, VLNEXT, byte))
        receive_literal_next(ld, out);
    else if (lflag(ld, T_ICANON))
        receive_canonical(ld, byte, out);
    else
        receive_raw(ld, byte, out);
    ldisc_continue(ld, out);
}
