/* Expressions: taken from the script, compiled, and put to use by s. See sed.h. */
#include "sed.h"

#include "../lib/util.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static regex_t *last_re; /* the one used last, which the empty one stands for */

/* The text up to an end that no backslash precedes; \n becomes a newline, \END the plain end. */
char *take_delimited(const char **p, char end, bool is_re)
{
    struct buffer b = { 0 };
    bool in_set = false;
    buffer_add(&b, "", 0);
    for (const char *at = *p; *at; at++) {
        if (*at == end && !in_set) {
            *p = at + 1;
            return b.text;
        }
        if (*at == '\n' && is_re)
            break;
        if (*at == '\\' && at[1] && !in_set) {
            at++;
            if (*at == end && end != '\\')
                buffer_add(&b, at, 1);
            else if (*at == 'n')
                buffer_add(&b, is_re ? "\n" : "\\n", is_re ? 1 : 2);
            else if (*at == 't')
                buffer_add(&b, "\t", 1);
            else
                buffer_add(&b, at - 1, 2);
            continue;
        }
        if (is_re && *at == '[' && !in_set) {
            size_t n = 1 + (at[1] == '^');
            n += at[n] == ']';
            in_set = true;
            buffer_add(&b, at, n);
            at += n - 1;
            continue;
        }
        if (in_set && *at == '[' && at[1] && strchr(":.=", at[1])) {
            const char *close = at + 2;
            while (*close && !(close[0] == at[1] && close[1] == ']'))
                close++;
            if (*close) {
                buffer_add(&b, at, (size_t)(close + 2 - at));
                at = close + 1;
                continue;
            }
        }
        in_set &= *at != ']';
        if (in_set && *at == '\\' && at[1] == 'n') {
            buffer_add(&b, "\n", 1);
            at++;
            continue;
        }
        buffer_add(&b, at, 1);
    }
    wrong("an expression is not closed");
    return NULL;
}

regex_t *compile(const char *text, int more)
{
    char why[128];
    if (!*text)
        return NULL; /* the last one used */
    regex_t *re = get(malloc(sizeof *re));
    int r = regcomp(re, text, (extended ? REG_EXTENDED : 0) | more);
    if (r == 0)
        return re;
    regerror(r, re, why, sizeof why);
    warn_text(text, why);
    exit(1);
}

regex_t *re_of(regex_t *re)
{
    last_re = re ? re : last_re;
    if (!last_re)
        wrong("no expression was used before the empty one");
    return last_re;
}

/* What \U and \L (up to \E), \u and \l (for one character) make of what follows. */
struct casing { char all, next; };

static void add_cased(struct buffer *out, struct casing *casing, const char *text, size_t len)
{
    if (!casing->all && !casing->next) {
        buffer_add(out, text, len);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        char how = casing->next ? casing->next : casing->all;
        unsigned char c = (unsigned char)text[i];
        char made = (char)(how == 'U' || how == 'u' ? toupper(c) : how ? tolower(c) : c);
        buffer_add(out, &made, 1);
        casing->next = 0;
    }
}

static bool take_casing(struct casing *casing, char letter)
{
    if (letter == 'u' || letter == 'l')
        casing->next = letter;
    else if (letter == 'U' || letter == 'L' || letter == 'E')
        casing->all = letter == 'E' ? 0 : letter;
    else
        return false;
    return true;
}

/* & and \1 to \9 in the replacement. */
static void add_replacement(struct buffer *out, const char *with, const char *text, const regmatch_t *m)
{
    struct casing casing = { 0 };
    for (const char *p = with; *p; p++) {
        int group = -1;
        if (*p == '&')
            group = 0;
        else if (*p == '\\' && p[1] >= '0' && p[1] <= '9')
            group = *++p - '0';
        else if (*p == '\\' && p[1]) {
            p++;
            if (*p == 'n')
                buffer_add(out, "\n", 1);
            else if (!take_casing(&casing, *p))
                add_cased(out, &casing, p, 1);
        } else {
            add_cased(out, &casing, p, 1);
        }
        if (group >= 0 && m[group].rm_so >= 0)
            add_cased(out, &casing, text + m[group].rm_so, (size_t)(m[group].rm_eo - m[group].rm_so));
    }
}

void substitute(const struct command *c)
{
    static struct buffer out;
    regmatch_t m[GROUPS];
    regex_t *re = re_of(c->re);
    const char *at = space.text, *end = space.text + space.len;
    unsigned long n = 0;
    bool changed = false, after_match = false;
    out.len = 0;
    buffer_add(&out, "", 0);
    while (regexec(re, at, GROUPS, m, at == space.text ? 0 : REG_NOTBOL) == 0) {
        bool empty = m[0].rm_so == m[0].rm_eo;
        buffer_add(&out, at, (size_t)m[0].rm_so);
        if (!(empty && after_match && m[0].rm_so == 0)) {
            bool wanted = ++n == c->which || (c->global && n > c->which);
            if (wanted)
                add_replacement(&out, c->text, at, m);
            else
                buffer_add(&out, at + m[0].rm_so, (size_t)(m[0].rm_eo - m[0].rm_so));
            changed |= wanted;
        }
        at += m[0].rm_eo;
        after_match = !empty;
        if (changed && !c->global)
            break;
        if (empty) {
            if (at >= end)
                break;
            buffer_add(&out, at++, 1);
        }
    }
    if (!changed)
        return;
    if (at < end)
        buffer_add(&out, at, (size_t)(end - at));
    struct buffer other = space;
    space = out;
    out = other;
    substituted = true;
    if (c->print)
        put_line(output, space.text, space.len);
    if (c->file)
        put_line(c->file, space.text, space.len);
}
