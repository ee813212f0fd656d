/* The rule of console=, apart from the devices, so that it can be tested.
 *
 * No word: every device gets log and shell. Words: each device named gets the log, the last word
 * that names an existing device gives the shell. No word names a device: as if there were none,
 * because a silent machine cannot even say that its command line is wrong. */
#include "dev/console_select.h"
#include "lib/string.h"

bool console_word_names(const char *word, const char *name)
{
    size_t len = strlen(name);
    return strncmp(word, name, len) == 0 && (word[len] == '\0' || word[len] == ',');
}

static struct console_choice *choice_find(struct console_choice *c, unsigned n, const char *word)
{
    for (unsigned i = 0; i < n; i++)
        if (console_word_names(word, c[i].name))
            return &c[i];
    return NULL;
}

void console_select(struct console_choice *c, unsigned n, const char *const *words, unsigned nwords)
{
    struct console_choice *last = NULL;

    for (unsigned i = 0; i < n; i++)
        c[i].log = c[i].tty = false;
    for (unsigned i = 0; i < nwords; i++) {
        struct console_choice *named = choice_find(c, n, words[i]);
        if (!named)
            continue;
        named->log = true;
        last = named;
    }
    if (last) {
        last->tty = true;
        return;
    }
    for (unsigned i = 0; i < n; i++)
        c[i].log = c[i].tty = true;
}
