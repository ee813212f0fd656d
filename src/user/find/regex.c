/* find -regex: which kind of expression is meant. See find.h. */
#include "find.h"

#include "../lib/util.h"

#include <stdlib.h>
#include <string.h>

static enum { REGEX_EMACS, REGEX_BASIC, REGEX_EXTENDED } kind;

static bool is_among(const char *name, const char *const *names)
{
    while (*names && strcmp(name, *names) != 0)
        names++;
    return *names != NULL;
}

void regex_choose(const char *name)
{
    static const char *const basic[] = { "posix-basic", "sed", "grep", "ed", NULL };
    static const char *const extended[] = { "posix-extended", "posix-egrep", "egrep", "awk", "posix-awk", NULL };
    if (is_among(name, basic))
        kind = REGEX_BASIC;
    else if (is_among(name, extended))
        kind = REGEX_EXTENDED;
    else if (strcmp(name, "emacs") == 0 || strcmp(name, "findutils-default") == 0)
        kind = REGEX_EMACS;
    else
        wrong(name, "not a kind of expression (emacs, posix-basic, posix-extended)");
}

/* In Emacs' expressions groups and | are special behind a backslash, braces never: an extended one in other clothes. */
static char *from_emacs(const char *text)
{
    char *out = malloc(strlen(text) * 2 + 1), *to = out;
    if (!out)
        die("find");
    while (*text) {
        bool escaped = *text == '\\' && text[1];
        text += escaped;
        if (*text == '[' && !escaped) { /* a set as it stands; ']' first is in it */
            size_t len = 1 + (text[1] == '^');
            len += text[len] == ']';
            len += strcspn(text + len, "]");
            to = stpncpy(to, text, len);
            text += len;
            continue;
        }
        bool special = strchr("()|", *text) != NULL;
        if (special ? !escaped : escaped || strchr("{}", *text))
            *to++ = '\\';
        *to++ = *text++;
    }
    *to = 0;
    return out;
}

void regex_take(regex_t *regex, const char *text, bool any_case)
{
    char *made = kind == REGEX_EMACS ? from_emacs(text) : strdup(text);
    int flags = (kind == REGEX_BASIC ? 0 : REG_EXTENDED) | (any_case ? REG_ICASE : 0);
    if (!made || regcomp(regex, made, flags) != 0)
        wrong(text, "not a regular expression");
    free(made);
}
