/* Marked text -> fields: splitting by IFS (POSIX XCU 2.6.5), then pathname expansion (2.6.6). */
#include "expand.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

static void add_field(struct fields *out, const char *text, size_t len)
{
    if (out->count + 1 >= out->cap) {
        size_t cap = out->cap ? out->cap * 2 : 8;
        char **items = arena_alloc(&shell.scratch, cap * sizeof *items);
        if (out->count)
            memcpy(items, out->items, out->count * sizeof *items);
        out->items = items;
        out->cap = cap;
    }
    out->items[out->count++] = arena_strndup(&shell.scratch, text, len);
    out->items[out->count] = NULL;
}

void fields_add(struct fields *out, const char *text)
{
    add_field(out, text, strlen(text));
}

struct field {
    struct buffer text, pattern;
    bool started, is_pattern, bracket; /* bracket: a [ that a ] may make a pattern */
};

static void field_add(struct field *field, char c, char mark)
{
    field->started = true;
    buffer_add(&field->text, c);
    bool special = strchr("*?[]\\", c) != NULL;
    if (special && (mark == MARK_QUOTED || c == '\\'))
        buffer_add(&field->pattern, '\\');
    else if (c == '[')
        field->bracket = true;
    else if (special && (c != ']' || field->bracket))
        field->is_pattern = true;
    buffer_add(&field->pattern, c);
}

static void field_finish(struct field *field, struct fields *out)
{
    glob_t found;
    if (!field->started)
        return;
    buffer_append(&field->text, "", 0);
    if (field->is_pattern && !shell.opt[OPT_NOGLOB] && glob(field->pattern.data, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            add_field(out, found.gl_pathv[i], strlen(found.gl_pathv[i]));
        globfree(&found);
    } else {
        add_field(out, field->text.data, field->text.len);
    }
    field->text.len = field->pattern.len = 0;
    field->started = field->is_pattern = field->bracket = false;
}

void fields_split(const struct expander *ex, struct fields *out)
{
    const char *ifs = var_get("IFS");
    if (!ifs)
        ifs = " \t\n";
    struct field field = { 0 };
    bool after_blank = false; /* the last field was ended by IFS white space: one delimiter may follow */
    for (size_t i = 0; i < ex->text.len; i++) {
        char c = ex->text.data[i], mark = ex->marks.data[i];
        if (mark == MARK_BREAK) {
            field_finish(&field, out);
            after_blank = false;
        } else if (mark == MARK_NULL) {
            field.started = true;
        } else if (mark == MARK_EXPANDED && c && strchr(ifs, c)) {
            if (strchr(" \t\n", c)) {
                after_blank |= field.started;
                field_finish(&field, out);
                continue;
            }
            field.started |= !after_blank; /* a delimiter with nothing before it makes an empty field */
            field_finish(&field, out);
            after_blank = false;
        } else {
            field_add(&field, c, mark);
            after_blank = false;
        }
    }
    field_finish(&field, out);
    buffer_free(&field.text);
    buffer_free(&field.pattern);
}
