/* What the terminal shows: rows of text, a bar that says where one is, and a row for messages. See edit.h. */
#include "edit.h"

#include "../lib/cells.h"
#include "../lib/terminal.h"
#include "../lib/util.h"

#include <stdio.h>
#include <string.h>

static const char help_wide[] = "^S save  ^Q quit  ^F find  ^N next  ^Z undo  ^Y redo  ^K cut line  ^U paste  ^G go to line";
static const char help_narrow[] = "^S save  ^Q quit  ^F find  ^N next  ^Z undo  ^Y redo  ^K cut  ^U paste  ^G line";

size_t view_page_lines(void)
{
    return terminal.rows > 2 ? terminal.rows - 2 : 1;
}

/* The line that stands `lines` above the one that begins at `start`; the first one when there are fewer. */
static size_t lines_above(struct text *text, size_t start, size_t lines)
{
    for (; lines > 0 && start > 0; lines--)
        start = text_line_start(text, start - 1);
    return start;
}

static void scroll(struct editor *editor, size_t column)
{
    struct text *text = &editor->text;
    size_t page = view_page_lines(), start = text_line_start(text, editor->cursor);
    size_t lowest = lines_above(text, start, page - 1); /* the first line if the cursor's were the last */
    editor->top = text_line_start(text, editor->top < text->len ? editor->top : text->len);
    if (editor->top > start)
        editor->top = editor->top > lowest && lines_above(text, editor->top, 1) == start ? start
                    : lines_above(text, start, page / 2);
    else if (editor->top < lowest)
        editor->top = lines_above(text, lowest, 1) == editor->top ? lowest : lines_above(text, start, page / 2);
    if (column < editor->left || column >= editor->left + terminal.columns)
        editor->left = column < terminal.columns ? 0 : column - terminal.columns / 2;
}

static size_t show_line(struct editor *editor, struct cells *cells, size_t line)
{
    struct text *text = &editor->text;
    struct mark place = column_place(text, line, (size_t)-1, editor->left);
    size_t at = place.at;
    cells_begin(cells, (unsigned)editor->left, terminal.columns);
    cells->column = place.column;
    while (at < text->len && text_at(text, at) != '\n' && !cells->overflow) {
        char bytes[4];
        unsigned code;
        size_t len = text_character(text, at, &code);
        text_copy(text, at, len, bytes);
        cells_put(cells, bytes, len, code);
        at += len;
    }
    return text_line_end(text, at);
}

static void show_bar(const struct editor *editor, struct cells *cells, size_t column)
{
    char where[96];
    unsigned long percent = editor->text.len ? (unsigned long)((double)editor->cursor * 100 / (double)editor->text.len) : 100;
    int len = snprintf(where, sizeof where, "line %zu, column %zu, %lu%% ", editor->line + 1, column + 1, percent);
    cells_begin(cells, 0, terminal.columns);
    cells_style(cells, "\033[7m");
    cells_put_text(cells, " ", 1);
    const char *name = editor->path ? editor->path : "(no name yet)";
    cells_put_text(cells, name, strlen(name));
    if (text_is_changed(&editor->text))
        cells_put_text(cells, " *changed*", 10);
    if (editor->unwritable)
        cells_put_text(cells, " [not writable]", 15);
    do
        cells_put_text(cells, " ", 1);
    while (cells->column + (size_t)len < terminal.columns);
    cells_put_text(cells, where, (size_t)len);
}

void view_show(struct editor *editor)
{
    static struct cells cells;
    size_t column = view_column(editor, editor->cursor), at, row = 0;
    scroll(editor, column);
    at = editor->top;
    unsigned cursor_row = (unsigned)text_count_lines(&editor->text, editor->top, editor->cursor);
    for (bool more = true; row < view_page_lines(); row++) {
        cells_begin(&cells, 0, terminal.columns);
        if (more) {
            at = show_line(editor, &cells, at);
            more = at++ < editor->text.len;
        } else {
            cells_style(&cells, "\033[2m~");
        }
        terminal_row((unsigned)row, cells.text, cells.len);
    }
    show_bar(editor, &cells, column);
    terminal_row(terminal.rows - 2, cells.text, cells.len);
    const char *help = terminal.columns < sizeof help_wide ? help_narrow : help_wide;
    const char *last = *editor->message ? editor->message : help;
    cells_begin(&cells, 0, terminal.columns);
    cells_put_text(&cells, last, strlen(last));
    terminal_row(terminal.rows - 1, cells.text, cells.len);
    terminal_cursor(cursor_row, (unsigned)(column - editor->left));
    terminal_flush();
}
