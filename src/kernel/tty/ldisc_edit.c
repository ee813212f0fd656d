/* Editing the line: erase a character, a word, all of it; show it again.
 *
 * A character is one byte, or with IUTF8 a lead byte and what follows it. What leaves the buffer
 * leaves the screen too (ECHOE, ECHOKE): as many backspace-blank-backspace as it had columns; a tab
 * goes back to the column it started from. Long edits are done in steps that fit ldisc_out. */
#include "lib/string.h"
#include "tty/ldisc_priv.h"

#define STEP_ECHO_MAX 16u /* more than one step of any job echoes */

static u32 char_columns(const struct ldisc *ld, u8 c, u32 column)
{
    if (c == '\t')
        return 8 - column % 8;
    if (is_control(c))
        return lflag(ld, T_ECHOCTL) ? 2 : 0;
    return (ld->t.iflag & T_IUTF8) && is_utf8_tail(c) ? 0 : 1;
}

/* Where the cursor stands before the byte at pos. */
static u32 column_of(const struct ldisc *ld, u32 pos)
{
    u32 column = ld->line_column;

    for (u32 i = ld->ready; i != pos; i++)
        column += char_columns(ld, byte_at(ld, i), column);
    return column;
}

/* Takes the last character out of the line, which is not empty; returns its first byte and how
 * many columns it had. */
static u8 char_remove(struct ldisc *ld, u32 *columns)
{
    u32 start = ld->tail - 1;

    while ((ld->t.iflag & T_IUTF8) && start != ld->ready && is_utf8_tail(byte_at(ld, start)))
        start--;
    u8 c = byte_at(ld, start);
    if (c == '\t')
        *columns = char_columns(ld, c, column_of(ld, start));
    else
        *columns = MAX(char_columns(ld, c, 0), is_control(c) ? 0u : 1u);
    ld->tail = start;
    return c;
}

static void echo_erased(u8 c, u32 columns, struct ldisc_out *out)
{
    for (u32 i = 0; i < columns; i++) {
        echo_put(out, '\b');
        if (c != '\t') { /* a tab left no ink */
            echo_put(out, ' ');
            echo_put(out, '\b');
        }
    }
}

void edit_erasing_end(struct ldisc *ld, struct ldisc_out *out)
{
    if (ld->erasing)
        echo_put(out, '/');
    ld->erasing = false;
}

/* The character that was just removed, of which only the first byte is known to be at hand: its tail
 * still lies in the buffer behind it. */
static void echo_printed(struct ldisc *ld, u8 gone, struct ldisc_out *out)
{
    if (!ld->erasing)
        echo_put(out, '\\');
    ld->erasing = true;
    echo_byte(ld, gone, out);
    for (u32 i = ld->tail + 1; gone >= 0xc0 && i < ld->tail + 4 && is_utf8_tail(byte_at(ld, i)); i++)
        echo_put(out, (char)byte_at(ld, i));
}

/* One character goes. echoed: what is shown where ECHOE does not wipe it out, or 0. */
static void char_erase(struct ldisc *ld, u8 echoed, struct ldisc_out *out)
{
    u32 columns;
    u8 gone = char_remove(ld, &columns);

    if (!lflag(ld, T_ECHO))
        return;
    if (lflag(ld, T_ECHOPRT))
        echo_printed(ld, gone, out);
    else if (echoed && !lflag(ld, T_ECHOE))
        echo_byte(ld, echoed, out);
    else
        echo_erased(gone, columns, out);
    if (ld->tail == ld->ready)
        edit_erasing_end(ld, out);
}

void edit_erase(struct ldisc *ld, u8 c, struct ldisc_out *out)
{
    if (ld->tail != ld->ready)
        char_erase(ld, c, out);
}

void edit_kill(struct ldisc *ld, u8 c, struct ldisc_out *out)
{
    if (ld->tail == ld->ready)
        return;
    if (lflag(ld, T_ECHO) && lflag(ld, T_ECHOK) && lflag(ld, T_ECHOE) && lflag(ld, T_ECHOKE)) {
        ld->job = LDISC_KILLING;
        return;
    }
    ld->tail = ld->ready;
    if (!lflag(ld, T_ECHO))
        return;
    edit_erasing_end(ld, out);
    echo_byte(ld, c, out);
    if (lflag(ld, T_ECHOK))
        echo_put(out, '\n');
}

void edit_word_erase(struct ldisc *ld, u8 c, struct ldisc_out *out)
{
    ld->job = LDISC_WORD_ERASING;
    ld->word_seen = false;
}

void edit_reprint(struct ldisc *ld, u8 c, struct ldisc_out *out)
{
    if (!lflag(ld, T_ECHO))
        return;
    edit_erasing_end(ld, out);
    echo_byte(ld, c, out);
    echo_put(out, '\n');
    ld->job = LDISC_REPRINTING;
    ld->reprint_at = ld->ready;
    ld->line_column = 0;
}

static bool in_word(u8 c)
{
    return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Each step returns false when its job is done. */
static bool step_kill(struct ldisc *ld, struct ldisc_out *out)
{
    if (ld->tail == ld->ready)
        return false;
    char_erase(ld, 0, out);
    return true;
}

static bool step_word_erase(struct ldisc *ld, struct ldisc_out *out)
{
    if (ld->tail == ld->ready)
        return false;
    bool word = in_word(byte_at(ld, ld->tail - 1));
    if (ld->word_seen && !word)
        return false;
    ld->word_seen |= word;
    char_erase(ld, 0, out);
    return true;
}

static bool step_reprint(struct ldisc *ld, struct ldisc_out *out)
{
    if (ld->reprint_at == ld->tail)
        return false;
    echo_byte(ld, byte_at(ld, ld->reprint_at++), out);
    return true;
}

void ldisc_continue(struct ldisc *ld, struct ldisc_out *out)
{
    static bool (*const step[])(struct ldisc *, struct ldisc_out *) = {
        [LDISC_KILLING] = step_kill,
        [LDISC_WORD_ERASING] = step_word_erase,
        [LDISC_REPRINTING] = step_reprint,
    };

    out->more = false;
    while (ld->job != LDISC_IDLE) {
        if (out->necho + STEP_ECHO_MAX > sizeof(out->echo)) {
            out->more = true;
            return;
        }
        if (!step[ld->job](ld, out))
            ld->job = LDISC_IDLE;
    }
}
