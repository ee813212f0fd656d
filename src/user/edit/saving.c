/* When to write, under which name, and what to say of it. See edit.h. */
#include "edit.h"

#include "../lib/util.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool write_to(struct editor *editor, const char *path)
{
    int error = file_write(editor, path);
    if (error) {
        say(editor, "NOT saved: %s: %s; ^O saves it elsewhere", path, strerror(-error));
        return false;
    }
    text_mark_saved(&editor->text);
    say(editor, "saved %zu bytes in %s", editor->text.len, path);
    return true;
}

bool save_as(struct editor *editor)
{
    char path[PATH_MAX] = "";
    if (editor->path && strlen(editor->path) < sizeof path)
        strcpy(path, editor->path);
    if (!ask_text(editor, "Save in file: ", path, sizeof path)) {
        say(editor, "not saved");
        return false;
    }
    bool same = editor->path && strcmp(path, editor->path) == 0;
    struct stat st;
    if (!same && stat(path, &st) == 0 && ask_key(editor, "This file exists. Replace it? (y/n) ") != 'y') {
        say(editor, "not saved");
        return false;
    }
    char *name = strdup(path);
    if (!name || !write_to(editor, path)) {
        free(name);
        return false;
    }
    free(editor->path);
    editor->path = name;
    return true;
}

bool save(struct editor *editor)
{
    if (!editor->path)
        return save_as(editor);
    if (file_was_changed(editor, editor->path) &&
        ask_key(editor, "Somebody else has changed this file. Write over it? (y/n) ") != 'y') {
        say(editor, "not saved; ^O saves it elsewhere");
        return false;
    }
    return write_to(editor, editor->path);
}

void leave(struct editor *editor)
{
    if (!text_is_changed(&editor->text)) {
        editor->leaving = true;
        return;
    }
    unsigned key = ask_key(editor, "Save first? (y, n; other keys: stay) ");
    editor->leaving = key == 'n' || (key == 'y' && save(editor));
}

void save_in_need(struct editor *editor)
{
    char path[PATH_MAX];
    if (!text_is_changed(&editor->text))
        return;
    snprintf(path, sizeof path, "%s.saved", editor->path ? editor->path : "edit");
    int error = file_write(editor, path);
    warn_text(path, error ? strerror(-error) : "the text was saved here");
}
