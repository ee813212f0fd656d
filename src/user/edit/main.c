/* edit: arguments, and the loop of keys. See edit.h. */
#include "edit.h"

#include "../lib/terminal.h"
#include "../lib/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void open_file(struct editor *editor, const char *path)
{
    int error = file_read(editor, path);
    if (error) {
        warn_text(path, error == -EINVAL ? "not a file with text" : strerror(-error));
        exit(1);
    }
    editor->path = strdup(path);
    if (!editor->path)
        die(path);
    if (!editor->exists)
        say(editor, "a new file");
    else if (editor->unwritable)
        say(editor, "you may not write this file; ^O saves the text elsewhere");
}

static void run(struct editor *editor)
{
    while (!editor->leaving) {
        if (!terminal_key_waits()) /* what was pasted is drawn once */
            view_show(editor);
        unsigned key = terminal_key();
        if (key == KEY_GONE)
            break;
        command_key(editor, key);
    }
    terminal_close();
    if (!editor->leaving)
        save_in_need(editor);
}

int main(int argc, char **argv)
{
    static struct editor editor;
    size_t line = 1;
    tool_init(argv, "usage: edit [+LINE] [FILE]\nEdit a file on the whole screen.\n\n"
        "  ^S save              ^Q quit (asks when something was changed)\n"
        "  ^O save elsewhere    ^L draw the screen again\n"
        "  ^F find              ^N find the next\n"
        "  ^Z undo              ^Y do it again\n"
        "  ^K cut the line      ^U paste what was cut (several ^K: several lines)\n"
        "  ^G go to a line      ^A, ^E or Home, End: the line's ends\n"
        "  arrows, with Ctrl by words; PgUp, PgDn; Backspace, Del\n\n"
        "A search for small letters finds capitals too. A question is left with ^C.\n"
        "When the terminal goes away, what was not saved is in FILE.saved.\n");
    int index = 1;
    if (index < argc && argv[index][0] == '+')
        line = strtoul(argv[index++] + 1, NULL, 10);
    if (index < argc && strcmp(argv[index], "--") == 0)
        index++;
    if (argc - index > 1)
        die_usage();
    if (index < argc)
        open_file(&editor, argv[index]);
    if (!terminal_open()) {
        warn_text("terminal", "there is none");
        return 1;
    }
    go_to_line(&editor, line);
    run(&editor);
    return 0;
}
