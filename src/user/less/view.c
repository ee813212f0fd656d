/* What the terminal shows. See less.h. */
#include "less.h"

#include "../lib/cells.h"
#include "../lib/terminal.h"

#include <stdio.h>
#include <string.h>

enum { NUMBER_WIDTH = 8 };
static struct cells cells;

size_t view_page(void) { return terminal.rows - 1; }

static unsigned text_width(const struct pager *pager)
{
    return pager->numbers && terminal.columns > NUMBER_WIDTH * 2 ? terminal.columns - NUMBER_WIDTH : terminal.columns;
}

/* ESC [ digits ; m, and nothing else a terminal would obey: its length, or 0. */
static size_t colour_length(const char *text, size_t len)
{
    size_t n = 2;
    if (len < 3 || text[0] != 033 || text[1] != '[')
        return 0;
    while (n < len && ((text[n] >= '0' && text[n] <= '9') || text[n] == ';' || text[n] == ':'))
        n++;
    return n < len && text[n] == 'm' ? n + 1 : 0;
}

static void put_styled(struct pager *pager, const char *text, size_t len)
{
    char sgr[64];
    for (size_t at = 0; at < len;) {
        size_t n = pager->raw ? colour_length(text + at, len - at) : 0, plain = at + n;
        if (n && n < sizeof sgr) {
            memcpy(sgr, text + at, n);
            sgr[n] = 0;
            cells_style(&cells, sgr);
        }
        while (plain < len && (plain == at || !pager->raw || text[plain] != 033))
            plain++;
        cells_put_text(&cells, text + at + n, plain - at - n);
        at = plain;
    }
}

/* The whole line into cells; matches inverse. */
static void put_line(struct pager *pager, size_t line)
{
    size_t len;
    const char *text = source_line(&pager->source, line, &len);
    regmatch_t match;
    while (len > 0 && search_line(pager, text, len, &match) && match.rm_eo > match.rm_so) {
        put_styled(pager, text, (size_t)match.rm_so);
        cells_style(&cells, "\033[7m");
        cells_put_text(&cells, text + match.rm_so, (size_t)(match.rm_eo - match.rm_so));
        cells_style(&cells, "\033[27m");
        text += match.rm_eo;
        len -= (size_t)match.rm_eo;
    }
    put_styled(pager, text, len);
}

size_t view_rows(const struct pager *pager, size_t line)
{
    if (pager->chop)
        return 1;
    struct pager plain = *pager;
    plain.have_pattern = false;
    cells_begin(&cells, 0, 0);
    put_line(&plain, line);
    size_t width = text_width(pager);
    return cells.column ? (cells.column + width - 1) / width : 1;
}

static bool next_row(struct pager *pager, struct place *place)
{
    if (place->row + 1 < view_rows(pager, place->line)) {
        place->row++;
        return true;
    }
    if (!source_have(&pager->source, place->line + 1))
        return false;
    *place = (struct place){ .line = place->line + 1 };
    return true;
}

static bool previous_row(const struct pager *pager, struct place *place)
{
    if (place->row > 0) {
        place->row--;
        return true;
    }
    if (place->line == 0)
        return false;
    place->line--;
    place->row = view_rows(pager, place->line) - 1;
    return true;
}

/* How many rows follow the top one, at most `limit`. */
static size_t rows_below(struct pager *pager, size_t limit)
{
    struct place at = pager->top;
    size_t n = 0;
    if (!source_have(&pager->source, at.line))
        return 0;
    while (n < limit && next_row(pager, &at))
        n++;
    return n;
}

bool view_at_end(struct pager *pager)
{
    return rows_below(pager, view_page()) < view_page();
}

bool view_forward(struct pager *pager, size_t rows)
{
    size_t below = rows_below(pager, view_page() + rows - 1), may = below + 1 > view_page() ? below + 1 - view_page() : 0;
    for (size_t n = rows < may ? rows : may; n > 0; n--)
        next_row(pager, &pager->top);
    return may >= rows;
}

bool view_back(struct pager *pager, size_t rows)
{
    for (; rows > 0; rows--)
        if (!previous_row(pager, &pager->top))
            return false;
    return true;
}

void view_to_end(struct pager *pager)
{
    size_t lines = pager->source.count;
    if (lines == 0)
        return;
    pager->top = (struct place){ .line = lines - 1, .row = view_rows(pager, lines - 1) - 1 };
    view_back(pager, view_page() - 1);
}

static void show_row(struct pager *pager, unsigned row, struct place at)
{
    char number[NUMBER_WIDTH * 4] = "        ";
    unsigned width = text_width(pager), margin = terminal.columns - width;
    static char line[1 << 16];
    size_t len = 0;
    if (margin) {
        if (at.row == 0)
            snprintf(number, sizeof number, "%*zu ", NUMBER_WIDTH - 1, at.line + 1);
        len = NUMBER_WIDTH;
    }
    cells_begin(&cells, (unsigned)(pager->chop ? pager->left : at.row * width), width);
    put_line(pager, at.line);
    memcpy(line, number, len);
    size_t n = cells.len < sizeof line - len ? cells.len : sizeof line - len;
    memcpy(line + len, cells.text ? cells.text : "", n);
    terminal_row(row, line, len + n);
}

static void show_last(struct pager *pager)
{
    char text[256];
    const char *what = pager->message;
    if (!what && view_at_end(pager))
        what = "(END)";
    snprintf(text, sizeof text, "%s%s%s", what ? "" : pager->name, what ? what : " ",
             what ? "" : "(space: on, q: out, h: help)");
    cells_begin(&cells, 0, terminal.columns - 1);
    cells_style(&cells, "\033[7m");
    cells_put_text(&cells, text, strlen(text));
    terminal_row(terminal.rows - 1, cells.text, cells.len);
    terminal_cursor(terminal.rows - 1, (unsigned)cells.column);
}

void view_show(struct pager *pager)
{
    struct place at = pager->top;
    bool more = source_have(&pager->source, at.line);
    for (unsigned row = 0; row < view_page(); row++) {
        if (more)
            show_row(pager, row, at);
        else
            terminal_row(row, "~", 1);
        more = more && next_row(pager, &at);
    }
    show_last(pager);
    terminal_flush();
}
