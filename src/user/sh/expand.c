/* Raw words -> fields (POSIX XCU 2.6). One walk over a word writes two strings of equal length: the
 * characters, and for each a mark saying where it came from. The marks decide the rest: only what an
 * unquoted expansion yielded is split, only what was never quoted is a pattern. Splitting and
 * globbing are in fields.c, ${...} in param.c. */
#include "expand.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void emit(struct expander *ex, char c, char mark)
{
    buffer_add(&ex->text, c);
    buffer_add(&ex->marks, mark);
}

void emit_value(struct expander *ex, const char *value, bool in_double)
{
    for (; *value; value++)
        emit(ex, *value, in_double ? MARK_QUOTED : MARK_EXPANDED);
}

/* ~ and ~name, at the start of a word or behind : in an assignment's value. */
static size_t expand_tilde(struct expander *ex, const char *text, size_t len)
{
    size_t end = 1;
    while (end < len && text[end] != '/' && text[end] != ':' && !strchr("'\"\\$`", text[end]))
        end++;
    if (end < len && text[end] != '/' && text[end] != ':')
        return 0;
    const char *home = var_get("HOME");
    if (end > 1) {
        char *name = arena_strndup(&shell.scratch, text + 1, end - 1);
        const struct passwd *user = getpwnam(name);
        home = user ? user->pw_dir : NULL;
    }
    if (!home)
        return 0;
    emit_value(ex, home, true);
    return end;
}

static void emit_captured(struct expander *ex, const char *text, size_t len, bool in_double)
{
    emit_value(ex, exec_capture(text, len), in_double);
}

/* `...`: one level of backslashes goes before the inside is read (POSIX XCU 2.6.3). */
static size_t expand_backquotes(struct expander *ex, const char *text, bool in_double)
{
    size_t end = lexer_skip_piece(text, 0);
    struct buffer inner = { 0 };
    buffer_append(&inner, "", 0);
    for (size_t i = 1; i + 1 < end; i++) {
        if (text[i] == '\\' && (strchr("$`\\", text[i + 1]) || (in_double && text[i + 1] == '"')))
            i++;
        buffer_add(&inner, text[i]);
    }
    char *source = arena_strndup(&shell.scratch, inner.data, inner.len);
    size_t len = inner.len;
    buffer_free(&inner);
    emit_captured(ex, source, len, in_double);
    return end;
}

static void expand_arithmetic(struct expander *ex, const char *text, size_t len, bool in_double)
{
    struct expander inner = { 0 };
    char digits[24];
    expand_run(&inner, text, len, QUOTE_DOUBLE);
    buffer_append(&inner.text, "", 0);
    char *expression = arena_strndup(&shell.scratch, inner.text.data, inner.text.len);
    expander_free(&inner);
    snprintf(digits, sizeof digits, "%ld", arith_eval(expression));
    emit_value(ex, digits, in_double);
}

/* At a '$': how many characters it took. */
static size_t expand_dollar(struct expander *ex, const char *text, size_t len, bool in_double)
{
    if (len > 1 && text[1] == '(') {
        size_t end = lexer_skip_piece(text, 0);
        if (lexer_is_arithmetic(text))
            expand_arithmetic(ex, text + 3, end - 5, in_double);
        else
            emit_captured(ex, text + 2, end - 3, in_double);
        return end;
    }
    if (len > 1 && text[1] == '{') {
        size_t end = 2 + brace_length(text + 2, in_double);
        expand_braces(ex, text + 2, end - 3, in_double);
        return end;
    }
    size_t name_len = len > 1 ? param_name_length(text + 1, false) : 0;
    if (name_len == 0) {
        emit(ex, '$', in_double ? MARK_QUOTED : MARK_LITERAL);
        return 1;
    }
    expand_param(ex, text + 1, name_len, in_double);
    return 1 + name_len;
}

static size_t expand_backslash(struct expander *ex, const char *text, size_t len, enum quote quote)
{
    if (len < 2) {
        emit(ex, '\\', MARK_QUOTED);
        return 1;
    }
    char next = text[1];
    bool special = quote == QUOTE_NONE || strchr("$`\\\n", next) || (quote == QUOTE_DOUBLE && next == '"') ||
                   (ex->in_braces && next == '}');
    if (!special)
        emit(ex, '\\', MARK_QUOTED);
    if (next != '\n' || !special)
        emit(ex, next, MARK_QUOTED);
    return 2;
}

static size_t expand_single_quotes(struct expander *ex, const char *text, size_t len)
{
    size_t i = 1;
    emit(ex, 0, MARK_NULL);
    for (; i < len && text[i] != '\''; i++)
        emit(ex, text[i], MARK_QUOTED);
    return i + 1;
}

static size_t expand_double_quotes(struct expander *ex, const char *text)
{
    size_t end = lexer_skip_piece(text, 0);
    size_t before = ex->text.len;
    ex->saw_empty_at = false;
    expand_run(ex, text + 1, end - 2, QUOTE_DOUBLE);
    if (ex->text.len > before || !ex->saw_empty_at)
        emit(ex, 0, MARK_NULL);
    return end;
}

void expand_run(struct expander *ex, const char *text, size_t len, enum quote quote)
{
    bool quoted = quote != QUOTE_NONE;
    bool tilde = !quoted;
    for (size_t i = 0; i < len;) {
        char c = text[i];
        size_t taken = 0;
        if (c == '~' && tilde)
            taken = expand_tilde(ex, text + i, len - i);
        tilde = ex->is_assignment && !quoted && c == ':';
        if (taken) {
            i += taken;
        } else if (c == '\'' && !quoted) {
            i += expand_single_quotes(ex, text + i, len - i);
        } else if (c == '"' && quote != QUOTE_HERE) {
            i += expand_double_quotes(ex, text + i);
        } else if (c == '\\') {
            i += expand_backslash(ex, text + i, len - i, quote);
        } else if (c == '$') {
            i += expand_dollar(ex, text + i, len - i, quoted);
        } else if (c == '`') {
            i += expand_backquotes(ex, text + i, quoted);
        } else {
            emit(ex, c, quoted ? MARK_QUOTED : ex->in_braces ? MARK_EXPANDED : MARK_LITERAL);
            i++;
        }
    }
}

void expander_free(struct expander *ex)
{
    buffer_free(&ex->text);
    buffer_free(&ex->marks);
}

static char *finish_plain(struct expander *ex, bool as_pattern)
{
    struct buffer out = { 0 };
    buffer_append(&out, "", 0);
    for (size_t i = 0; i < ex->text.len; i++) {
        char mark = ex->marks.data[i];
        if (mark == MARK_NULL)
            continue;
        if (mark == MARK_BREAK) {
            buffer_add(&out, ' ');
            continue;
        }
        if (as_pattern && mark == MARK_QUOTED && strchr("*?[]\\!^-", ex->text.data[i]))
            buffer_add(&out, '\\');
        buffer_add(&out, ex->text.data[i]);
    }
    char *result = arena_strndup(&shell.scratch, out.data, out.len);
    buffer_free(&out);
    expander_free(ex);
    return result;
}

/* Most words are themselves: nothing in them expands, and no quote has to go. */
static bool is_plain(const char *text)
{
    return text[strcspn(text, "'\"\\$`~*?[")] == 0 || strcmp(text, "[") == 0;
}

/* export, readonly, local and alias take NAME=VALUE as an assignment: not split, and ~ counts in it. */
static bool declares(const struct fields *fields)
{
    static const char *const names[] = { "export", "readonly", "local", "alias" };
    size_t first = fields->count > 1 && strcmp(fields->items[0], "command") == 0;
    for (size_t i = 0; i < sizeof names / sizeof *names && fields->count > first; i++)
        if (strcmp(fields->items[first], names[i]) == 0)
            return true;
    return false;
}

static void expand_declaration(const char *text, size_t name_len, struct fields *out)
{
    struct expander ex = { .is_assignment = true };
    for (size_t i = 0; i <= name_len; i++)
        emit(&ex, text[i], MARK_QUOTED);
    expand_run(&ex, text + name_len + 1, strlen(text + name_len + 1), QUOTE_NONE);
    fields_add(out, finish_plain(&ex, false));
}

void expand_words(const struct word *words, struct fields *out)
{
    for (; words; words = words->next) {
        size_t name_len = name_length(words->text);
        if (name_len && words->text[name_len] == '=' && declares(out)) {
            expand_declaration(words->text, name_len, out);
            continue;
        }
        if (is_plain(words->text)) {
            fields_add(out, words->text);
            continue;
        }
        struct expander ex = { .fields = true };
        expand_run(&ex, words->text, strlen(words->text), QUOTE_NONE);
        fields_split(&ex, out);
        expander_free(&ex);
    }
    if (!out->items)
        out->items = arena_alloc(&shell.scratch, sizeof *out->items);
}

char *expand_single(const char *text)
{
    if (is_plain(text))
        return arena_strndup(&shell.scratch, text, strlen(text));
    struct expander ex = { .is_assignment = true };
    expand_run(&ex, text, strlen(text), QUOTE_NONE);
    return finish_plain(&ex, false);
}

char *expand_pattern(const char *text)
{
    if (is_plain(text))
        return arena_strndup(&shell.scratch, text, strlen(text));
    struct expander ex = { 0 };
    expand_run(&ex, text, strlen(text), QUOTE_NONE);
    return finish_plain(&ex, true);
}

char *expand_here(const char *text)
{
    struct expander ex = { 0 };
    expand_run(&ex, text, strlen(text), QUOTE_HERE);
    return finish_plain(&ex, false);
}

char *expand_quoted_braces(const char *text)
{
    struct expander ex = { .in_braces = true };
    expand_run(&ex, text, strlen(text), QUOTE_DOUBLE);
    return finish_plain(&ex, false);
}
