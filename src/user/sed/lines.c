/* Lines in and out: the files one after the other, one line ahead so that the last one is known; -i's
 * temporary file; what w writes and r reads. See sed.h. */
#include "sed.h"

#include "../lib/util.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 16 };

FILE *output;
char **inputs;
int ninputs, input_index;
unsigned long line_number;
struct buffer appended;

static struct { char *name; FILE *file; } out_file[FILES_MAX];
static size_t nout_files;
static FILE *input;
static char *next_text;
static size_t next_size;
static long next_len = -1;
static bool next_whole, missing_newline;
static char *temporary;

FILE *open_out(const char *name)
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

/* With a '*' the suffix is a name in which the file's stands for each (GNU). */
static char *kept_name(const char *name)
{
    struct buffer kept = { 0 };
    if (!strchr(kept_suffix, '*'))
        buffer_add(&kept, name, strlen(name));
    for (const char *p = kept_suffix; *p; p++)
        *p == '*' ? buffer_add(&kept, name, strlen(name)) : buffer_add(&kept, p, 1);
    buffer_add(&kept, "", 1);
    return kept.text;
}

static void keep_old(const char *name)
{
    char *kept = kept_suffix ? kept_name(name) : NULL;
    if (kept && rename(name, kept) < 0) {
        warn_errno(kept);
        unlink(temporary);
        exit(4);
    }
    free(kept);
}

void end_in_place(void)
{
    if (!temporary)
        return;
    keep_old(inputs[input_index - 1]);
    if (fclose(output) || rename(temporary, inputs[input_index - 1]))
        die(inputs[input_index - 1]);
    free(temporary);
    temporary = NULL;
    output = stdout;
}

void begin_in_place(const char *name)
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

bool open_next(void)
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
bool look_ahead(void)
{
    while (next_len < 0) {
        if (!input && !open_next())
            return false;
        next_len = getdelim(&next_text, &next_size, line_end, input);
        if (next_len >= 0) {
            next_whole = next_text[next_len - 1] == line_end;
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

bool next_input_line(struct buffer *b, bool append)
{
    if (!look_ahead())
        return false;
    if (append)
        buffer_add(b, &line_end, 1);
    else
        b->len = 0;
    buffer_add(b, next_text, (size_t)next_len);
    missing_newline = !next_whole;
    next_len = -1;
    line_number++;
    return true;
}

void put_line(FILE *to, const char *text, size_t len)
{
    fwrite(text, 1, len, to);
    if (!missing_newline || look_ahead())
        putc(line_end, to);
}

void put_appended(void)
{
    fwrite(appended.text, 1, appended.len, output);
    appended.len = 0;
}

void append_file(const char *name)
{
    char piece[4096];
    FILE *file = fopen(name, "re");
    for (size_t n; file && (n = fread(piece, 1, sizeof piece, file)) > 0;)
        buffer_add(&appended, piece, n);
    if (file)
        fclose(file);
}

/* l: unambiguously. */
void put_visible(void)
{
    static const char letters[] = "\\abfnrtv", values[] = "\\\a\b\f\n\r\t\v";
    int column = 0;
    for (size_t i = 0; i < space.len; i++) {
        char text[8];
        unsigned char c = (unsigned char)space.text[i];
        const char *known = c ? strchr(values, c) : NULL;
        int n = known ? snprintf(text, sizeof text, "\\%c", letters[known - values])
              : c < 128 && isprint(c) ? snprintf(text, sizeof text, "%c", c) : snprintf(text, sizeof text, "\\%03o", c);
        if (visible_width && column + n > (int)visible_width - 1) {
            fputs("\\\n", output);
            column = 0;
        }
        fputs(text, output);
        column += n;
    }
    fputs("$\n", output);
}

void forget_line(void)
{
    next_len = -1;
}
