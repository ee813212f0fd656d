/* ^R: each letter typed narrows the search for the newest command that has them; ^R again goes further back.
 * ^G and ^C give the line back as it was; every other key takes what was found and then acts on it. Pure. */
#include "edit.h"

#include <string.h>

#define CTRL(c) ((c) & 31)

void edit_search_begin(struct edit *edit)
{
    edit->searching = true;
    edit->search_failed = false;
    edit->query.len = 0;
    buffer_append(&edit->query, "", 0);
}

/* From entry `from` backwards. What is not found leaves the last find on the screen. */
static void search_from(struct edit *edit, int from)
{
    for (int at = from; at >= 0; at--) {
        const char *entry = edit->history->entries[at], *found = strstr(entry, edit->query.data);
        if (!found)
            continue;
        edit_show_history(edit, at);
        edit->cursor = (size_t)(found - entry);
        edit->search_failed = false;
        return;
    }
    edit->search_failed = true;
}

static void query_shorten(struct edit *edit)
{
    while (edit->query.len > 0 && ((unsigned char)edit->query.data[--edit->query.len] & 0xc0) == 0x80)
        ;
    edit->query.data[edit->query.len] = 0;
    search_from(edit, edit->history->count - 1);
}

bool edit_search_key(struct edit *edit, unsigned key)
{
    char bytes[4];
    int newest = edit->at < edit->history->count ? edit->at : edit->history->count - 1;
    if (key == CTRL('R')) {
        search_from(edit, newest - (edit->at == newest));
    } else if (key == CTRL('H') || key == 127) {
        query_shorten(edit);
    } else if (key >= ' ' && key < KEY_NONE) {
        buffer_append(&edit->query, bytes, utf8_encode(key, bytes));
        search_from(edit, newest);
    } else if (key == CTRL('G') || key == CTRL('C')) {
        edit->searching = false;
        edit_show_history(edit, edit->history->count);
    } else {
        edit->searching = false;
        return false;
    }
    return true;
}
