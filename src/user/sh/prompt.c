/* What stands before a command line: $PS1 and $PS2, or, as long as nobody changed PS1, user, directory and the
 * status of the command before if it failed. */
#include "sh.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Dracula: purple for the user, cyan for the place, red for trouble. */
#define USER_COLOUR "\033[1;38;2;189;147;249m"
#define PLACE_COLOUR "\033[1;38;2;139;233;253m"
#define TROUBLE_COLOUR "\033[1;38;2;255;85;85m"
#define PLAIN "\033[0m"

static void add(struct buffer *out, const char *text)
{
    buffer_append(out, text, strlen(text));
}

static void add_directory(struct buffer *out)
{
    const char *directory = directory_current(), *home = var_get("HOME");
    size_t len = home ? strlen(home) : 0;
    if (len > 1 && strncmp(directory, home, len) == 0 && (directory[len] == '/' || !directory[len])) {
        add(out, "~");
        directory += len;
    }
    for (; *directory; directory++) /* a directory's name must not speak to the terminal */
        buffer_add(out, (unsigned char)*directory < ' ' || *directory == 127 ? '?' : *directory);
}

const char *prompt_text(bool more)
{
    const char *ps1 = var_get("PS1");
    char status[16];
    if (more || (ps1 && strcmp(ps1, "$ ") != 0)) {
        const char *prompt = var_get(more ? "PS2" : "PS1");
        return expand_here(prompt ? prompt : "");
    }
    struct buffer out = { 0 };
    bool root = geteuid() == 0;
    const char *user = var_get("USER");
    add(&out, USER_COLOUR);
    add(&out, root ? "root" : user ? user : "user");
    add(&out, PLAIN ":" PLACE_COLOUR);
    add_directory(&out);
    add(&out, PLAIN);
    if (shell.status) {
        snprintf(status, sizeof status, "[%d]", shell.status);
        add(&out, " " TROUBLE_COLOUR);
        add(&out, status);
        add(&out, PLAIN);
    }
    add(&out, root ? "# " : "$ ");
    const char *text = arena_strndup(&shell.scratch, out.data, out.len);
    buffer_free(&out);
    return text;
}
