/* Questions in the last row. See edit.h. */
#include "edit.h"

#include "../lib/cells.h"
#include "../lib/terminal.h"

#include <string.h>

enum { CTRL_C = 3, CTRL_G = 7, CTRL_U = 21, BACKSPACE = 8, DELETE = 127 };

static void show(struct editor *editor, const char *what, const char *text)
{
    static struct cells cells;
    view_show(editor);
    cells_begin(&cells, 0, terminal.columns);
    cells_style(&cells, "\033[1m");
    cells_put_text(&cells, what, strlen(what));
    cells_style(&cells, "\033[0m");
    cells_put_text(&cells, text, strlen(text));
    terminal_row(terminal.rows - 1, cells.text, cells.len);
    terminal_cursor(terminal.rows - 1, cells.column < terminal.columns ? (unsigned)cells.column : terminal.columns - 1);
    terminal_flush();
}

static void remove_last(char *text)
{
    size_t len = strlen(text);
    while (len > 0 && ((unsigned char)text[--len] & 0xc0) == 0x80)
        ;
    text[len] = 0;
}

bool ask_text(struct editor *editor, const char *what, char *text, size_t size)
{
    for (;;) {
        show(editor, what, text);
        unsigned key = terminal_key();
        size_t len = strlen(text);
        char bytes[4];
        size_t n = key < KEY_NONE ? utf8_encode(key, bytes) : 0;
        if (key == '\r' || key == '\n')
            return *text != 0;
        if (key == CTRL_C || key == CTRL_G || key == KEY_GONE)
            return false;
        if (key == CTRL_U)
            *text = 0;
        else if (key == BACKSPACE || key == DELETE)
            remove_last(text);
        else if (key >= 32 && key < KEY_NONE && len + sizeof bytes < size)
            memcpy(text + len, bytes, n), text[len + n] = 0;
    }
}

unsigned ask_key(struct editor *editor, const char *what)
{
    unsigned key;
    do {
        show(editor, what, "");
        key = terminal_key();
    } while (key == KEY_RESIZED);
    return key;
}
