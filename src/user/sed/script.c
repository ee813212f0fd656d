/* The script: read into a list of commands whose blocks and branches are indices into it. See sed.h. A script
 * that is wrong ends the program before a line is read. */
#include "sed.h"

#include "../lib/util.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS_MAX = 64 };

struct command command[COMMANDS_MAX];
size_t ncommands;
static char *script; /* all of it, lines joined */
static size_t open_block[BLOCKS_MAX], nopen;

static unsigned long take_count(const char **p)
{
    char *end;
    unsigned long n = strtoul(*p, &end, 10);
    *p = end;
    return n;
}

static bool take_address(const char **p, struct address *a)
{
    const char *at = *p;
    if (isdigit((unsigned char)*at)) {
        *a = (struct address){ .kind = ADDR_LINE, .line = take_count(p) };
        if (**p == '~') {
            (*p)++;
            a->kind = ADDR_STEP;
            a->step = take_count(p);
        }
        return true;
    }
    if (*at == '$') {
        a->kind = ADDR_LAST;
        *p = at + 1;
        return true;
    }
    if (*at != '/' && *at != '\\')
        return false;
    at += *at == '\\';
    char end = *at++;
    char *text = take_delimited(&at, end, true);
    int more = 0;
    for (; *at == 'I' || *at == 'M'; at++)
        more |= *at == 'I' ? REG_ICASE : REG_NEWLINE;
    *a = (struct address){ .kind = ADDR_RE, .re = compile(text, more) };
    free(text);
    *p = at;
    return true;
}

static void skip_blanks(const char **p)
{
    while (**p == ' ' || **p == '\t')
        (*p)++;
}

static void take_addresses(const char **p, struct command *c)
{
    if (take_address(p, &c->from)) {
        skip_blanks(p);
        if (**p == ',') {
            (*p)++;
            skip_blanks(p);
            if (**p == '+') {
                (*p)++;
                c->to = (struct address){ .kind = ADDR_COUNT, .line = take_count(p) };
            } else if (!take_address(p, &c->to)) {
                wrong("an address is missing behind ','");
            }
        }
    }
    skip_blanks(p);
    for (; **p == '!'; skip_blanks(p)) {
        c->negated = true;
        (*p)++;
    }
}

/* The rest of the line, as a file's name or a label. */
static char *take_rest(const char **p, const char *ends)
{
    skip_blanks(p);
    size_t len = strcspn(*p, ends);
    char *text = get(strndup(*p, len));
    while (len > 0 && isspace((unsigned char)text[len - 1]) && strchr(ends, ';'))
        text[--len] = 0;
    *p += strcspn(*p, ends);
    return text;
}

/* What a, i and c put out: to the end of the line; a backslash before the newline goes on. */
static char *take_text(const char **p)
{
    struct buffer b = { 0 };
    skip_blanks(p);
    if (**p == '\\') {
        (*p)++;
        skip_blanks(p);
        if (**p == '\n')
            (*p)++;
    }
    for (; **p && **p != '\n'; (*p)++) {
        if (**p == '\\' && (*p)[1])
            (*p)++;
        buffer_add(&b, *p, 1);
    }
    buffer_add(&b, "\n", 1);
    return b.text;
}

static void take_substitution(const char **p, struct command *c)
{
    char end = *(*p)++;
    int more = 0;
    char *re = take_delimited(p, end, true);
    c->text = take_delimited(p, end, false);
    c->which = 1;
    for (;; (*p)++) {
        if (**p == 'g')
            c->global = true;
        else if (**p == 'p')
            c->print = true;
        else if (**p == 'i' || **p == 'I')
            more |= REG_ICASE;
        else if (**p == 'm' || **p == 'M')
            more |= REG_NEWLINE;
        else if (**p >= '1' && **p <= '9')
            c->which = take_count(p), (*p)--;
        else
            break;
    }
    if (**p == 'w') {
        (*p)++;
        char *name = take_rest(p, "\n");
        c->file = open_out(name);
        free(name);
    }
    c->re = compile(re, more);
    free(re);
}

static void take_images(const char **p, struct command *c)
{
    char end = *(*p)++;
    char *from = take_delimited(p, end, false), *to = take_delimited(p, end, false);
    c->text = get(malloc(256));
    for (int i = 0; i < 256; i++)
        c->text[i] = (char)i;
    const char *a = from, *b = to;
    while (*a && *b) {
        int x = (unsigned char)*a++, y = (unsigned char)*b++;
        if (x == '\\' && *a)
            x = *a == 'n' ? '\n' : (unsigned char)*a, a++;
        if (y == '\\' && *b)
            y = *b == 'n' ? '\n' : (unsigned char)*b, b++;
        c->text[x] = (char)y;
    }
    if (*a || *b)
        wrong("y: the two texts are not equally long");
    free(from);
    free(to);
}

static void take_command(const char **p, struct command *c)
{
    c->name = *(*p)++;
    switch (c->name) {
    case '{':
        if (nopen == BLOCKS_MAX)
            wrong("too many '{'");
        open_block[nopen++] = (size_t)(c - command);
        return;
    case '}':
        if (nopen == 0)
            wrong("a '}' too many");
        command[open_block[--nopen]].jump = (size_t)(c - command);
        break;
    case 'a': case 'i': case 'c':
        c->text = take_text(p);
        return;
    case ':': case 'b': case 't': case 'T':
        c->text = take_rest(p, c->name == ':' ? "\n;" : "\n;}");
        return;
    case 'r': case 'w':
        c->text = take_rest(p, "\n");
        if (c->name == 'w')
            c->file = open_out(c->text);
        return;
    case 's': take_substitution(p, c); break;
    case 'y': take_images(p, c); break;
    case 'q': case 'Q':
        skip_blanks(p);
        c->code = (int)take_count(p);
        break;
    case 'd': case 'D': case 'g': case 'G': case 'h': case 'H': case 'l': case 'n': case 'N': case 'p': case 'P':
    case 'x': case '=':
        break;
    default:
        wrong("no such command");
    }
    skip_blanks(p);
    if (**p && !strchr(";\n}#", **p))
        wrong("something is left over behind a command");
}

static void resolve_labels(void)
{
    for (size_t i = 0; i < ncommands; i++) {
        if (!strchr("btT", command[i].name))
            continue;
        command[i].jump = ncommands;
        if (!*command[i].text)
            continue;
        size_t k = 0;
        while (k < ncommands && !(command[k].name == ':' && strcmp(command[k].text, command[i].text) == 0))
            k++;
        if (k == ncommands) {
            warn_text(command[i].text, "no such label");
            exit(1);
        }
        command[i].jump = k;
    }
}

void read_script(void)
{
    const char *p = script;
    if (strncmp(p, "#n", 2) == 0 && (p[2] == '\n' || !p[2]))
        silent = true;
    for (;;) {
        while (*p && (isspace((unsigned char)*p) || *p == ';'))
            p++;
        if (*p == '#') {
            p += strcspn(p, "\n");
            continue;
        }
        if (!*p)
            break;
        if (ncommands == COMMANDS_MAX)
            wrong("too many commands");
        struct command *c = &command[ncommands++];
        take_addresses(&p, c);
        if (!*p)
            wrong("a command is missing");
        take_command(&p, c);
    }
    if (nopen)
        wrong("a '{' is not closed");
    resolve_labels();
}

void add_script(const char *text)
{
    struct buffer b = { 0 };
    if (script) {
        buffer_add(&b, script, strlen(script));
        buffer_add(&b, "\n", 1);
    }
    buffer_add(&b, text, strlen(text));
    free(script);
    script = b.text;
}

void add_script_file(const char *name)
{
    struct buffer b = { 0 };
    char piece[4096];
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
    if (!file)
        die(name);
    buffer_add(&b, "", 0);
    for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
        buffer_add(&b, piece, n);
    if (b.len && b.text[b.len - 1] == '\n')
        b.text[--b.len] = 0;
    add_script(b.text);
    free(b.text);
    if (file != stdin)
        fclose(file);
}
