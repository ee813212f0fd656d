/* What Tab offers: a variable behind $, a command where a command may stand, else a file. The line is read from
 * its beginning as the lexer would, but unfinished quotes are what one expects here. */
#include "edit.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The word before the cursor. */
struct spot {
    size_t word, base; /* where it begins; where its last path component begins */
    char quote;        /* an open quote, or 0 */
    bool command;      /* a command's name may stand here */
    char *verb;        /* else the command whose argument it is; scratch, or NULL */
};

static bool keeps_command_position(const char *text, size_t len)
{
    static const char *const words[] = { "if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "exec",
                                         "command", "eval", "nice", "env", "sudo" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
            return true;
    size_t name = name_length(text);
    return name > 0 && name < len && text[name] == '=';
}

/* A separator at i ends the word that began at spot->word. */
static void spot_separate(struct spot *spot, const char *text, size_t i)
{
    size_t len = i - spot->word;
    if (spot->command && len && !keeps_command_position(text + spot->word, len)) {
        spot->command = false;
        spot->verb = arena_strndup(&shell.scratch, text + spot->word, len);
    }
    if (strchr(";|&(\n", text[i]))
        spot->command = true;
    else if (strchr("<>", text[i]))
        spot->command = false;
    spot->word = spot->base = i + 1;
}

static struct spot spot_find(const char *text, size_t cursor)
{
    struct spot spot = { .command = true };
    for (size_t i = 0; i < cursor; i++) {
        char c = text[i];
        if (c == '\\' && spot.quote != '\'') {
            i++;
        } else if (spot.quote) {
            spot.base = c == '/' ? i + 1 : spot.base;
            spot.quote = c == spot.quote ? 0 : spot.quote;
        } else if (c == '\'' || c == '"') {
            spot.quote = c;
            spot.base = i + 1;
        } else if (strchr(" \t;|&()<>\n", c)) {
            spot_separate(&spot, text, i);
        } else if (c == '/' || (c == '=' && spot.command) || c == ':') {
            spot.base = i + 1;
        }
    }
    spot.base = spot.base < cursor ? spot.base : cursor;
    return spot;
}

/* Without its quotes; scratch. */
static char *unquote(const char *text, size_t len)
{
    char *out = arena_alloc(&shell.scratch, len + 1), *end = out, quote = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\' && quote != '\'' && i + 1 < len)
            *end++ = text[++i];
        else if (quote ? text[i] == quote : text[i] == '\'' || text[i] == '"')
            quote = quote ? 0 : text[i];
        else
            *end++ = text[i];
    }
    return out;
}

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* ---- variables ---- */

/* Where the name behind a $ begins, if the cursor is in one; 0: it is not. */
static size_t variable_start(const char *text, const struct spot *spot, size_t cursor)
{
    size_t at = cursor;
    while (at > spot->word && (isalnum((unsigned char)text[at - 1]) || text[at - 1] == '_'))
        at--;
    if (spot->quote == '\'' || at == spot->word)
        return 0;
    if (text[at - 1] == '$' || (text[at - 1] == '{' && at >= spot->word + 2 && text[at - 2] == '$'))
        return at;
    return 0;
}

static void add_variables(const char *prefix, const char *suffix, struct candidates *out)
{
    for (int i = 0; var_name_at(i); i++)
        if (begins(var_name_at(i), prefix))
            candidates_add(out, var_name_at(i), suffix);
}

/* ---- files and commands ---- */

static bool is_directory(DIR *dir, const struct dirent *entry)
{
    struct stat st;
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

enum wanted { WANT_FILES, WANT_DIRECTORIES, WANT_PROGRAMS };

static void add_files(const char *directory, const char *prefix, enum wanted wanted, struct candidates *out)
{
    DIR *dir = opendir(*directory ? directory : ".");
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        const char *name = entry->d_name;
        if (!begins(name, prefix) || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
            (*name == '.' && *prefix != '.'))
            continue;
        bool is_dir = is_directory(dir, entry);
        if (wanted == WANT_PROGRAMS && (is_dir || faccessat(dirfd(dir), name, X_OK, 0) < 0))
            continue;
        if (wanted != WANT_DIRECTORIES || is_dir)
            candidates_add(out, name, is_dir ? "/" : "");
    }
    closedir(dir);
}

static void add_commands(const char *prefix, struct candidates *out)
{
    const char *name, *path = var_get("PATH");
    for (const struct builtin *builtin = builtins; builtin->name; builtin++)
        if (begins(builtin->name, prefix))
            candidates_add(out, builtin->name, "");
    for (int i = 0; (name = alias_name_at(i)); i++)
        if (begins(name, prefix))
            candidates_add(out, name, "");
    for (int i = 0; (name = function_name_at(i)); i++)
        if (begins(name, prefix))
            candidates_add(out, name, "");
    while (path && *path) {
        size_t len = strcspn(path, ":");
        add_files(arena_strndup(&shell.scratch, path, len), prefix, WANT_PROGRAMS, out);
        path += len + (path[len] == ':');
    }
}

/* The directory that a word's beginning names: ~ and $NAME count when they are not quoted. */
static const char *named_directory(const char *text, size_t len)
{
    if (len && strchr("~$", *text))
        return expand_single(arena_strndup(&shell.scratch, text, len));
    return unquote(text, len);
}

void complete_word(const char *text, size_t cursor, size_t *start, char *quote, struct candidates *out)
{
    struct spot spot = spot_find(text, cursor);
    size_t name = variable_start(text, &spot, cursor);
    *quote = spot.quote;
    *start = name ? name : spot.base;
    const char *prefix = unquote(text + *start, cursor - *start);
    if (name) {
        add_variables(prefix, text[name - 1] == '{' ? "}" : "", out);
    } else if (spot.command && spot.base == spot.word) {
        add_commands(prefix, out);
    } else {
        const char *directory = named_directory(text + spot.word, spot.base - spot.word);
        bool only_directories = spot.verb && (strcmp(spot.verb, "cd") == 0 || strcmp(spot.verb, "rmdir") == 0);
        if (spot.base > spot.word && !strchr(directory, '/')) /* "name=" or "a:": the file begins behind it */
            directory = "";
        add_files(directory, prefix, only_directories ? WANT_DIRECTORIES : WANT_FILES, out);
    }
    candidates_sort(out);
}

char *complete_quote(const char *text, char quote)
{
    const char *special = quote == '\'' ? "" : quote == '"' ? "\"\\$`" : " \t\n\\'\"$`|&;<>()*?[]#~!{}";
    struct buffer out = { 0 };
    buffer_append(&out, "", 0);
    for (; *text; text++) {
        if (strchr(special, *text))
            buffer_add(&out, '\\');
        buffer_add(&out, *text);
    }
    char *copy = arena_strndup(&shell.scratch, out.data, out.len);
    buffer_free(&out);
    return copy;
}
