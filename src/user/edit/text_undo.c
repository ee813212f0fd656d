/* See text.h: changes, remembered. A change is written down before it is made, so that none is ever made that could
 * not be undone. */
#include "text.h"
#include "text_priv.h"

#include <stdlib.h>
#include <string.h>

/* What was undone is forgotten when something else is done. */
static void forget_undone(struct text *text)
{
    while (text->known > text->done)
        free(text->changes[--text->known].bytes);
    if (text->saved != NEVER && text->saved > text->done)
        text->saved = NEVER;
}

/* Room for one more, with room for len bytes. NULL: no memory. */
static struct change *new_change(struct text *text, size_t len)
{
    if (text->done == text->room) {
        size_t room = text->room * 2 + 64;
        struct change *grown = realloc(text->changes, room * sizeof *grown);
        if (!grown)
            return NULL;
        text->changes = grown;
        text->room = room;
    }
    char *bytes = malloc(len);
    if (!bytes)
        return NULL;
    forget_undone(text);
    struct change *change = &text->changes[text->done];
    *change = (struct change){ .len = len, .size = len, .bytes = bytes };
    return change;
}

static void commit_change(struct text *text)
{
    text->known = ++text->done;
    text->joining = true;
}

static bool grow(struct change *change, size_t len)
{
    if (change->size - change->len >= len)
        return true;
    size_t size = (change->len + len) * 2;
    char *bytes = realloc(change->bytes, size);
    if (!bytes)
        return false;
    change->bytes = bytes;
    change->size = size;
    return true;
}

/* The last change, if what happens at `at` continues it. */
static struct change *joinable(struct text *text, bool inserted)
{
    if (!text->joining || text->done == 0 || text->done != text->known || text->saved == text->done)
        return NULL;
    struct change *change = &text->changes[text->done - 1];
    return change->inserted == inserted ? change : NULL;
}

bool text_insert(struct text *text, size_t at, const char *bytes, size_t len)
{
    struct change *last = joinable(text, true);
    if (len == 0)
        return true;
    if (last && last->at + last->len == at) {
        if (!grow(last, len) || !bytes_insert(text, at, bytes, len))
            return false;
        memcpy(last->bytes + last->len, bytes, len);
        last->len += len;
        return true;
    }
    struct change *change = new_change(text, len);
    if (!change)
        return false;
    if (!bytes_insert(text, at, bytes, len)) {
        free(change->bytes);
        return false;
    }
    change->inserted = true;
    change->at = at;
    memcpy(change->bytes, bytes, len);
    commit_change(text);
    return true;
}

/* Backspace joins in front, Delete behind. */
static bool join_removal(struct text *text, struct change *last, size_t at, size_t len)
{
    if (!grow(last, len))
        return false;
    bool in_front = at + len == last->at;
    if (in_front)
        memmove(last->bytes + len, last->bytes, last->len);
    text_copy(text, at, len, in_front ? last->bytes : last->bytes + last->len);
    last->len += len;
    last->at = at;
    bytes_remove(text, at, len);
    return true;
}

bool text_remove(struct text *text, size_t at, size_t len)
{
    struct change *last = joinable(text, false);
    if (len == 0)
        return true;
    if (last && (last->at == at || last->at == at + len))
        return join_removal(text, last, at, len);
    struct change *change = new_change(text, len);
    if (!change)
        return false;
    change->at = at;
    text_copy(text, at, len, change->bytes);
    bytes_remove(text, at, len);
    commit_change(text);
    return true;
}

void text_separate(struct text *text)
{
    text->joining = false;
}

static bool apply(struct text *text, const struct change *change, bool insert, size_t *at)
{
    *at = change->at + (insert ? change->len : 0);
    if (insert)
        return bytes_insert(text, change->at, change->bytes, change->len);
    bytes_remove(text, change->at, change->len);
    return true;
}

size_t text_undo_place(const struct text *text)
{
    return text->done > 0 ? text->changes[text->done - 1].at : 0;
}

size_t text_redo_place(const struct text *text)
{
    return text->done < text->known ? text->changes[text->done].at : 0;
}

bool text_undo(struct text *text, size_t *at)
{
    text->joining = false;
    if (text->done == 0 || !apply(text, &text->changes[text->done - 1], !text->changes[text->done - 1].inserted, at))
        return false;
    text->done--;
    return true;
}

bool text_redo(struct text *text, size_t *at)
{
    text->joining = false;
    if (text->done == text->known || !apply(text, &text->changes[text->done], text->changes[text->done].inserted, at))
        return false;
    text->done++;
    return true;
}

bool text_is_changed(const struct text *text)
{
    return text->saved != text->done;
}

void text_mark_saved(struct text *text)
{
    text->saved = text->done;
}
