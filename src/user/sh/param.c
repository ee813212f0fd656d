/* Parameters: $x, ${x}, ${#x} and the ${x:-word} family (POSIX XCU 2.6.2). */
#include "expand.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t param_name_length(const char *text, bool in_braces)
{
    if (isdigit((unsigned char)*text)) {
        size_t len = 1;
        while (in_braces && isdigit((unsigned char)text[len]))
            len++;
        return len;
    }
    if (*text && strchr("@*#?-$!", *text))
        return 1;
    return name_length(text);
}

bool braces_have_pattern(const char *text)
{
    size_t len = param_name_length(text, true);
    return len > 0 && (text[len] == '#' || text[len] == '%');
}

/* One backslash-and-quote aware walk; nested pieces are skipped whole. */
size_t brace_length(const char *text, bool in_double)
{
    size_t i = 0;
    bool literal = in_double && !braces_have_pattern(text);
    while (text[i] && text[i] != '}') {
        if (text[i] == '\'' && literal)
            i++;
        else
            i = lexer_skip_piece(text, i);
    }
    return i + (text[i] == '}');
}

/* The value, or NULL when unset. `number` is room for one that must be written down. */
static const char *param_value(const char *name, size_t len, char number[32])
{
    long value;
    if (isdigit((unsigned char)*name)) {
        long index = strtol(arena_strndup(&shell.scratch, name, len), NULL, 10); /* $10 is ${1}0 */
        if (index == 0)
            return shell.name;
        return index <= shell.params.argc ? shell.params.argv[index - 1] : NULL;
    }
    switch (*name) {
    case '?':
        value = shell.status;
        break;
    case '#':
        value = shell.params.argc;
        break;
    case '$':
        value = shell.pid;
        break;
    case '!':
        if (!shell.last_async)
            return NULL;
        value = shell.last_async;
        break;
    case '-':
        options_letters(number);
        return number;
    default:
        if (len != 6 || memcmp(name, "LINENO", 6) != 0)
            return var_get(arena_strndup(&shell.scratch, name, len));
        value = shell.line;
    }
    snprintf(number, 32, "%ld", value);
    return number;
}

static void emit_all(struct expander *ex, char which, bool in_double)
{
    const struct params *params = &shell.params;
    const char *ifs = var_get("IFS");
    char separator = which == '@' || !ifs ? ' ' : *ifs;
    if (params->argc == 0 && which == '@')
        ex->saw_empty_at = true;
    for (int i = 0; i < params->argc; i++) {
        bool apart = ex->fields && (which == '@' || !in_double);
        if (i > 0 && apart)
            emit(ex, 0, MARK_BREAK);
        else if (i > 0 && separator)
            emit(ex, separator, in_double ? MARK_QUOTED : MARK_EXPANDED);
        if (apart && in_double)
            emit(ex, 0, MARK_NULL);
        emit_value(ex, params->argv[i], in_double);
    }
}

static bool is_all(const char *name, size_t len)
{
    return len == 1 && (*name == '@' || *name == '*');
}

static void fail_unset(const char *name, size_t len)
{
    shell_error("%.*s: parameter not set", (int)len, name);
    shell_abort(2);
}

void expand_param(struct expander *ex, const char *name, size_t len, bool in_double)
{
    char number[32];
    if (is_all(name, len)) {
        emit_all(ex, *name, in_double);
        return;
    }
    const char *value = param_value(name, len, number);
    if (value)
        emit_value(ex, value, in_double);
    else if (shell.opt[OPT_NOUNSET])
        fail_unset(name, len);
}

static char *word_value(const char *text, size_t len, bool in_double, bool as_pattern)
{
    char *word = arena_strndup(&shell.scratch, text, len);
    if (as_pattern)
        return expand_pattern(word);
    return in_double ? expand_quoted_braces(word) : expand_single(word);
}

/* ${x#p} ${x##p} ${x%p} ${x%%p}: what is left of value, in scratch. */
static char *trim(const char *value, const char *pattern, char side, bool longest)
{
    size_t len = strlen(value);
    for (size_t step = 0; step <= len; step++) {
        size_t cut = longest ? len - step : step;
        char *piece = side == '#' ? arena_strndup(&shell.scratch, value, cut)
                                  : arena_strndup(&shell.scratch, value + len - cut, cut);
        if (fnmatch(pattern, piece, 0) == 0)
            return side == '#' ? arena_strndup(&shell.scratch, value + cut, len - cut)
                               : arena_strndup(&shell.scratch, value, len - cut);
    }
    return arena_strndup(&shell.scratch, value, len);
}

static void bad_substitution(const char *text, size_t len)
{
    shell_error("${%.*s}: bad substitution", (int)len, text);
    shell_abort(2);
}

static void expand_length(struct expander *ex, const char *name, size_t len, bool in_double)
{
    char number[32], digits[24];
    if (is_all(name, len)) {
        snprintf(digits, sizeof digits, "%d", shell.params.argc);
    } else {
        const char *value = param_value(name, len, number);
        if (!value && shell.opt[OPT_NOUNSET])
            fail_unset(name, len);
        snprintf(digits, sizeof digits, "%zu", value ? strlen(value) : 0);
    }
    emit_value(ex, digits, in_double);
}

static void emit_word(struct expander *ex, const char *text, size_t len, bool in_double)
{
    bool outer = ex->in_braces, saw_empty_at = ex->saw_empty_at;
    ex->in_braces = true;
    expand_run(ex, text, len, in_double ? QUOTE_DOUBLE : QUOTE_NONE);
    ex->in_braces = outer;
    ex->saw_empty_at = saw_empty_at; /* "${x-$@}" is a field, be it empty */
}

static void assign_default(struct expander *ex, const char *name, size_t name_len, const char *word, size_t len,
                           bool in_double)
{
    char *copy = arena_strndup(&shell.scratch, name, name_len);
    if (!name_is_valid(copy, name_len))
        bad_substitution(name, name_len);
    const char *value = word_value(word, len, in_double, false);
    if (!var_set(copy, value))
        shell_abort(2);
    emit_value(ex, value, in_double);
}

/* Whether $@ and $* are unset, null or neither. */
static const char *all_joined(void)
{
    const struct params *params = &shell.params;
    return params->argc == 0 ? NULL : params->argc == 1 ? params->argv[0] : " ";
}

void expand_braces(struct expander *ex, const char *text, size_t len, bool in_double)
{
    if (len > 1 && *text == '#') {
        size_t name_len = param_name_length(text + 1, true);
        if (name_len == len - 1) {
            expand_length(ex, text + 1, name_len, in_double);
            return;
        }
    }
    char number[32];
    size_t name_len = param_name_length(text, true);
    if (name_len == 0 || name_len > len)
        bad_substitution(text, len);
    const char *op = text + name_len, *end = text + len;
    if (op == end) {
        expand_param(ex, text, name_len, in_double);
        return;
    }
    bool all = is_all(text, name_len);
    const char *value = all ? all_joined() : param_value(text, name_len, number);
    bool colon = *op == ':';
    if (colon && ++op == end)
        bad_substitution(text, len);
    bool missing = !value || (colon && !*value);
    const char *word = op + 1;
    size_t word_len = (size_t)(end - word);
    switch (*op) {
    case '-':
        if (missing)
            emit_word(ex, word, word_len, in_double);
        else
            expand_param(ex, text, name_len, in_double);
        return;
    case '+':
        if (!missing)
            emit_word(ex, word, word_len, in_double);
        return;
    case '=':
        if (missing)
            assign_default(ex, text, name_len, word, word_len, in_double);
        else
            expand_param(ex, text, name_len, in_double);
        return;
    case '?':
        if (missing) {
            const char *message = word_len ? word_value(word, word_len, in_double, false) : "parameter not set";
            shell_error("%.*s: %s", (int)name_len, text, message);
            shell_abort(2);
        }
        expand_param(ex, text, name_len, in_double);
        return;
    case '#':
    case '%': {
        bool longest = word_len > 0 && *word == *op;
        if (colon || all)
            bad_substitution(text, len);
        if (!value && shell.opt[OPT_NOUNSET])
            fail_unset(text, name_len);
        char *copy = arena_strndup(&shell.scratch, value ? value : "", value ? strlen(value) : 0);
        char *pattern = word_value(word + longest, word_len - longest, in_double, true);
        emit_value(ex, trim(copy, pattern, *op, longest), in_double);
        return;
    }
    default:
        bad_substitution(text, len);
    }
}
