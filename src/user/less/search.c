/* Searching, line by line. See less.h. */
#include "less.h"

#include "../lib/terminal.h"

#include <stdlib.h>
#include <string.h>

bool search_set(struct pager *pager, const char *text)
{
    regex_t fresh;
    bool capital = text[strcspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] != 0;
    bool fold = pager->fold == FOLD_ALWAYS || (pager->fold == FOLD_SMALL && !capital);
    if (regcomp(&fresh, text, REG_EXTENDED | (fold ? REG_ICASE : 0)) != 0)
        return false;
    if (pager->have_pattern)
        regfree(&pager->pattern);
    pager->pattern = fresh;
    pager->have_pattern = true;
    return true;
}

/* regexec wants its text terminated; lines are not. */
bool search_line(struct pager *pager, const char *line, size_t len, regmatch_t *match)
{
    static char *copy;
    static size_t size;
    if (!pager->have_pattern)
        return false;
    if (size <= len) {
        char *grown = realloc(copy, len * 2 + 256);
        if (!grown)
            return false;
        copy = grown;
        size = len * 2 + 256;
    }
    memcpy(copy, line, len);
    copy[len] = 0;
    return regexec(&pager->pattern, copy, 1, match, 0) == 0;
}

bool search_go(struct pager *pager, bool down)
{
    size_t line = pager->top.line, len;
    regmatch_t match;
    while (down ? source_have(&pager->source, line + 1) : line > 0) {
        line = down ? line + 1 : line - 1;
        const char *text = source_line(&pager->source, line, &len);
        if (!search_line(pager, text, len, &match))
            continue;
        pager->top = (struct place){ .line = line };
        return true;
    }
    return false;
}
