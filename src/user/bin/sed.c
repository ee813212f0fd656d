/* sed: edit a stream of lines by a script. POSIX, XCU, sed; and of what GNU added: -E, -i, -s, addr ~ +N,
 * the flags I and M of addresses and s///, w /dev/stdout. The script is compiled into a list of commands
 * whose blocks and branches are indices. */
#include "../lib/input.h"
#include "../lib/util.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMMANDS_MAX = 1024, FILES_MAX = 16, GROUPS = 10 };
enum address_kind { ADDR_NONE, ADDR_LINE, ADDR_LAST, ADDR_RE, ADDR_STEP, ADDR_COUNT };

struct address { enum address_kind kind; unsigned long line, step; regex_t *re; };

struct command {
    struct address from, to;
    bool negated, active;
    unsigned long until; /* of an active range that counts lines */
    char name;
    size_t jump;         /* { : one behind its }; b, t, T: where to */
    char *text;          /* a i c, r w, :label, y's images */
    regex_t *re;         /* s */
    bool global, print;
    unsigned long which; /* s: only from this match on */
    FILE *file;
    int code;            /* q Q */
};

struct buffer { char *text; size_t len, size; };

static struct command command[COMMANDS_MAX];
static size_t ncommands;
static struct { char *name; FILE *file; } out_file[FILES_MAX];
static size_t nout_files;
static bool silent, extended, in_place, separate, substituted, quitting;
static struct buffer space, held, appended;
static unsigned long line_number;
static regex_t *last_re;
static int exit_code;
static bool missing_newline;

static char **inputs;
static int ninputs, input_index;
static FILE *input, *output;
static char *next_text; /* one line ahead, to know the last one */
static size_t next_size;
static long next_len = -1;
static bool next_whole;
static char *temporary;

static void wrong(const char *what)
{
    warn_text("script", what);
    exit(1);
}

static void *get(void *p)
{
    if (!p)
        die("memory");
    return p;
}

static void buffer_add(struct buffer *b, const char *text, size_t len)
{
    if (b->len + len + 1 > b->size) {
        b->size = (b->len + len + 1) * 2;
        b->text = get(realloc(b->text, b->size));
    }
    memcpy(b->text + b->len, text, len);
    b->len += len;
    b->text[b->len] = 0;
}

static void buffer_set(struct buffer *b, const char *text, size_t len)
{
    b->len = 0;
    buffer_add(b, text, len);
}

/* ---- the script ---- */

static char *script; /* all of it, lines joined */

static FILE *open_out(const char *name)
{
    if (strcmp(name, "/dev/stdout") == 0)
        return stdout;
    if (strcmp(name, "/dev/stderr") == 0)
        return stderr;
    for (size_t i = 0; i < nout_files; i++)
        if (strcmp(out_file[i].name, name) == 0)
            return out_file[i].file;
    if (nout_files == FILES_MAX)
        wrong("too many files to write to");
    FILE *file = fopen(name, "we");
    if (!file)
        die(name);
    out_file[nout_files].name = get(strdup(name));
    return out_file[nout_files++].file = file;
}

/* The text up to an end that no backslash precedes; \n becomes a newline, \END the plain end. */
static char *take_delimited(const char **p, char end, bool is_re)
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

static regex_t *compile(const char *text, int more)
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
        more |= *at == 'I' ? REG_ICASE : 0;
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

static size_t open_block[64], nopen;

static void take_command(const char **p, struct command *c)
{
    c->name = *(*p)++;
    switch (c->name) {
    case '{':
        if (nopen == sizeof open_block / sizeof *open_block)
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

static void read_script(void)
{
    const char *p = script;
    if (strncmp(p, "#n\n", 3) == 0)
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

static void add_script(const char *text)
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

static void add_script_file(const char *name)
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

/* ---- input and output ---- */

static void end_in_place(void)
{
    if (!temporary)
        return;
    if (fclose(output) || rename(temporary, inputs[input_index - 1]))
        die(inputs[input_index - 1]);
    free(temporary);
    temporary = NULL;
    output = stdout;
}

static void begin_in_place(const char *name)
{
    struct stat st;
    if (asprintf(&temporary, "%s.sed%d", name, getpid()) < 0)
        die(name);
    output = fopen(temporary, "we");
    if (!output)
        die(temporary);
    if (stat(name, &st) == 0 && (fchmod(fileno(output), st.st_mode & 07777) || fchown(fileno(output), st.st_uid, st.st_gid)))
        warn_errno(temporary);
}

static bool open_next(void)
{
    while (input_index < ninputs) {
        const char *name = inputs[input_index++];
        struct stat st;
        bool standard = strcmp(name, "-") == 0 && !in_place;
        input = standard ? stdin : fopen(name, "re");
        if (input && fstat(fileno(input), &st) == 0 && S_ISDIR(st.st_mode)) {
            fclose(input);
            input = NULL;
            errno = EISDIR;
        }
        if (input)
            return true;
        warn_errno(name);
        exit_code = 2;
    }
    return false;
}

/* Reads one line ahead. False when there is none. */
static bool look_ahead(void)
{
    while (next_len < 0) {
        if (!input && !open_next())
            return false;
        next_len = getline(&next_text, &next_size, input);
        if (next_len >= 0) {
            next_whole = next_text[next_len - 1] == '\n';
            next_len -= next_whole;
            return true;
        }
        if (input != stdin)
            fclose(input);
        input = NULL;
        if (separate)
            return false;
    }
    return true;
}

static bool next_input_line(struct buffer *b, bool append)
{
    if (!look_ahead())
        return false;
    if (append)
        buffer_add(b, "\n", 1);
    else
        b->len = 0;
    buffer_add(b, next_text, (size_t)next_len);
    missing_newline = !next_whole;
    next_len = -1;
    line_number++;
    return true;
}

static void put_line(FILE *to, const char *text, size_t len)
{
    fwrite(text, 1, len, to);
    if (!missing_newline || look_ahead())
        putc('\n', to);
}

static void put_appended(void)
{
    fwrite(appended.text, 1, appended.len, output);
    appended.len = 0;
}

static void append_file(const char *name)
{
    char piece[4096];
    FILE *file = fopen(name, "re");
    for (size_t n; file && (n = fread(piece, 1, sizeof piece, file)) > 0;)
        buffer_add(&appended, piece, n);
    if (file)
        fclose(file);
}

/* l: unambiguously. */
static void put_visible(void)
{
    static const char letters[] = "\\abfnrtv", values[] = "\\\a\b\f\n\r\t\v";
    int column = 0;
    for (size_t i = 0; i < space.len; i++) {
        char text[8];
        unsigned char c = (unsigned char)space.text[i];
        const char *known = c ? strchr(values, c) : NULL;
        int n = known ? snprintf(text, sizeof text, "\\%c", letters[known - values])
              : c < 128 && isprint(c) ? snprintf(text, sizeof text, "%c", c) : snprintf(text, sizeof text, "\\%03o", c);
        if (column + n > 69) {
            fputs("\\\n", output);
            column = 0;
        }
        fputs(text, output);
        column += n;
    }
    fputs("$\n", output);
}

/* ---- running ---- */

static regex_t *re_of(regex_t *re)
{
    last_re = re ? re : last_re;
    if (!last_re)
        wrong("no expression was used before the empty one");
    return last_re;
}

static bool fits(const struct address *a)
{
    switch (a->kind) {
    case ADDR_LINE: return line_number == a->line;
    case ADDR_LAST: return !look_ahead();
    case ADDR_STEP: return a->step ? line_number >= a->line && (line_number - a->line) % a->step == 0 : line_number == a->line;
    case ADDR_RE: return regexec(re_of(a->re), space.text, 0, NULL, 0) == 0;
    default: return true;
    }
}

static bool is_selected(struct command *c)
{
    if (c->to.kind == ADDR_NONE)
        return fits(&c->from);
    if (!c->active) {
        if (c->from.kind == ADDR_LINE && c->from.line == 0) {
            c->from.line = ~0ul; /* 0,/re/: as if begun before the first line */
            c->active = true;
            return c->active = !fits(&c->to), true;
        }
        if (!fits(&c->from))
            return false;
        c->until = c->to.kind == ADDR_COUNT ? line_number + c->to.line : c->to.kind == ADDR_LINE ? c->to.line : 0;
        c->active = !c->until || c->until > line_number;
        return true;
    }
    if (c->until) {
        c->active = line_number < c->until;
        if (line_number > c->until && c->to.kind == ADDR_LINE) {
            c->active = false;
            return fits(&c->from);
        }
    } else {
        c->active = !fits(&c->to);
    }
    return true;
}

/* & and \1 to \9 in the replacement. */
static void add_replacement(struct buffer *out, const char *with, const char *text, const regmatch_t *m)
{
    for (const char *p = with; *p; p++) {
        int group = -1;
        if (*p == '&')
            group = 0;
        else if (*p == '\\' && p[1] >= '0' && p[1] <= '9')
            group = *++p - '0';
        else if (*p == '\\' && p[1])
            p++, p[0] == 'n' ? buffer_add(out, "\n", 1) : buffer_add(out, p, 1);
        else
            buffer_add(out, p, 1);
        if (group >= 0 && m[group].rm_so >= 0)
            buffer_add(out, text + m[group].rm_so, (size_t)(m[group].rm_eo - m[group].rm_so));
    }
}

static void substitute(const struct command *c)
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

enum next { NEXT_COMMAND, NEXT_CYCLE, NEXT_CYCLE_SAME, NEXT_END };

static enum next next_line_into(bool append)
{
    if (!look_ahead()) {
        if (append && !silent)
            put_line(output, space.text, space.len);
        quitting = true;
        return append ? NEXT_END : NEXT_CYCLE;
    }
    if (!append && !silent)
        put_line(output, space.text, space.len);
    put_appended();
    next_input_line(&space, append);
    return NEXT_COMMAND;
}

static enum next run_one(struct command *c, size_t *at)
{
    char *newline;
    struct buffer other;
    switch (c->name) {
    case '{': case '}': case ':': return NEXT_COMMAND;
    case '=': fprintf(output, "%lu\n", line_number); return NEXT_COMMAND;
    case 'a': buffer_add(&appended, c->text, strlen(c->text)); return NEXT_COMMAND;
    case 'i': fputs(c->text, output); return NEXT_COMMAND;
    case 'c':
        if (c->to.kind == ADDR_NONE || c->negated || !c->active)
            fputs(c->text, output);
        space.len = 0;
        return NEXT_END;
    case 'd': return NEXT_END;
    case 'D':
        newline = memchr(space.text, '\n', space.len);
        if (!newline)
            return NEXT_END;
        space.len -= (size_t)(newline + 1 - space.text);
        memmove(space.text, newline + 1, space.len + 1);
        return NEXT_CYCLE_SAME;
    case 'g': buffer_set(&space, held.text ? held.text : "", held.len); return NEXT_COMMAND;
    case 'G':
        buffer_add(&space, "\n", 1);
        buffer_add(&space, held.text ? held.text : "", held.len);
        return NEXT_COMMAND;
    case 'h': buffer_set(&held, space.text, space.len); return NEXT_COMMAND;
    case 'H':
        buffer_add(&held, "\n", 1);
        buffer_add(&held, space.text, space.len);
        return NEXT_COMMAND;
    case 'x':
        other = space, space = held, held = other;
        buffer_add(&space, "", 0);
        return NEXT_COMMAND;
    case 'l': put_visible(); return NEXT_COMMAND;
    case 'n': return next_line_into(false);
    case 'N': return next_line_into(true);
    case 'p': put_line(output, space.text, space.len); return NEXT_COMMAND;
    case 'P':
        newline = memchr(space.text, '\n', space.len);
        fwrite(space.text, 1, newline ? (size_t)(newline - space.text) : space.len, output);
        putc('\n', output);
        return NEXT_COMMAND;
    case 'q': case 'Q':
        quitting = true;
        exit_code = c->code;
        return c->name == 'q' ? NEXT_CYCLE : NEXT_END;
    case 'r': append_file(c->text); return NEXT_COMMAND;
    case 'w': put_line(c->file, space.text, space.len); return NEXT_COMMAND;
    case 's': substitute(c); return NEXT_COMMAND;
    case 'y':
        for (size_t i = 0; i < space.len; i++)
            space.text[i] = c->text[(unsigned char)space.text[i]];
        return NEXT_COMMAND;
    case 'b': *at = c->jump; return NEXT_COMMAND;
    default: /* t, T */
        if (substituted == (c->name == 't'))
            *at = c->jump;
        substituted = false;
        return NEXT_COMMAND;
    }
}

static enum next run_script(void)
{
    for (size_t i = 0; i < ncommands; i++) {
        struct command *c = &command[i];
        if (is_selected(c) == c->negated) {
            if (c->name == '{')
                i = c->jump;
            continue;
        }
        size_t at = i;
        enum next next = run_one(c, &at);
        if (next != NEXT_COMMAND)
            return next;
        i = at;
    }
    return NEXT_CYCLE;
}

static void edit(void)
{
    bool have_line = false;
    while (!quitting && (have_line || next_input_line(&space, false))) {
        substituted = false;
        enum next next = run_script();
        if (next == NEXT_CYCLE && !silent)
            put_line(output, space.text, space.len);
        put_appended();
        have_line = next == NEXT_CYCLE_SAME;
    }
}

static void edit_separately(void)
{
    while (!quitting && input_index < ninputs) {
        if (!open_next())
            break;
        if (in_place)
            begin_in_place(inputs[input_index - 1]);
        line_number = 0;
        edit();
        next_len = -1;
        end_in_place();
    }
}

int main(int argc, char **argv)
{
    static char *standard[] = { "-" };
    tool_init(argv, "usage: sed [-nEsi] SCRIPT [FILE...]\n       sed [-nEsi] [-e SCRIPT]... [-f FILE]... [FILE...]\nEdit lines. -n: print only what p says, -E: extended expressions, -s: files one by one,\n-i: change the files themselves.\nCommands: s/RE/TEXT/[gpiN] p d q[N] a i c TEXT, = l n N D P g G h H x y/AB/CD/ { } b t T :LABEL r w FILE\nAddresses: N $ /RE/ FIRST~STEP, two of them with ',' or FIRST,+N; ! turns them round.\n");
    for (int c; (c = getopt(argc, argv, "nErsie:f:")) != -1;) {
        if (c == '?')
            die_usage();
        silent |= c == 'n', extended |= c == 'E' || c == 'r', separate |= c == 's' || c == 'i', in_place |= c == 'i';
        if (c == 'e')
            add_script(optarg);
        if (c == 'f')
            add_script_file(optarg);
    }
    if (!script) {
        if (optind == argc)
            die_usage();
        add_script(argv[optind++]);
    }
    read_script();
    inputs = optind < argc ? argv + optind : standard;
    ninputs = optind < argc ? argc - optind : 1;
    output = stdout;
    if (separate)
        edit_separately();
    else
        edit();
    return flush_output() ? 4 : exit_code;
}
