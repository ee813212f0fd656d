/* Text -> tokens (POSIX XCU 2.3). A word keeps its quotes; the lexer only finds where it ends, which
 * needs all nesting to be followed: quotes, ${...}, $((...)), `...`, and $(...), for which it asks
 * the parser, because only a parser can tell a case pattern's ')' from the closing one. */
#include "sh.h"

#include <stdio.h>
#include <string.h>

static void need_more(struct parser *parser, const char *what)
{
    if (parser->more_may_come && !parser->aliases) /* no line that follows can end a quote inside an alias */
        parser->incomplete = true;
    parser_fail(parser, what);
}

static bool at_operator(int c)
{
    return c != 0 && strchr("|&;<>()", c) != NULL;
}

static void skip_single_quotes(struct parser *parser)
{
    const char *end = strchr(parser->text + parser->pos + 1, '\'');
    if (!end) {
        need_more(parser, "unterminated ' quote");
        return;
    }
    for (const char *p = parser->text + parser->pos; p < end; p++)
        parser->line += *p == '\n';
    parser->pos = (size_t)(end - parser->text) + 1;
}

static void skip_backquotes(struct parser *parser)
{
    const char *text = parser->text;
    for (parser->pos++; text[parser->pos] && text[parser->pos] != '`'; parser->pos++)
        if (text[parser->pos] == '\\' && text[parser->pos + 1])
            parser->pos++;
    if (!text[parser->pos])
        need_more(parser, "unterminated ` quote");
    else
        parser->pos++;
}

static void skip_dollar(struct parser *parser, bool in_double);

/* Moves behind `close`, from inside "..." or ${...} or $((...)). */
static void skip_until(struct parser *parser, char close, bool in_double, const char *what)
{
    const char *text = parser->text;
    while (!parser->failed) {
        char c = text[parser->pos];
        if (c == 0) {
            need_more(parser, what);
        } else if (c == close) {
            parser->pos++;
            return;
        } else if (c == '\\' && text[parser->pos + 1]) {
            parser->pos += 2;
        } else if (c == '`') {
            skip_backquotes(parser);
        } else if (c == '$') {
            skip_dollar(parser, in_double);
        } else if (c == '\'' && !in_double) {
            skip_single_quotes(parser);
        } else if (c == '"' && close != '"') {
            parser->pos++;
            skip_until(parser, '"', true, "unterminated \" quote");
        } else {
            parser->line += c == '\n';
            parser->pos++;
        }
    }
}

/* Behind "$((": true and behind "))" when that is where the parentheses balance, or with an error where nothing
 * ends. Otherwise it was "$( (a) b )", a substitution that starts with a subshell, and nothing has moved. */
static bool skip_arithmetic(struct parser *parser)
{
    struct parser before = *parser;
    int depth = 0;
    parser->quiet = true;
    while (!parser->failed && parser->text[parser->pos]) {
        char c = parser->text[parser->pos];
        if (c == '$') {
            skip_dollar(parser, true);
        } else if (c == '`') {
            skip_backquotes(parser);
        } else if (c == ')' && depth == 0) {
            if (parser->text[parser->pos + 1] != ')')
                break;
            parser->pos += 2;
            parser->quiet = before.quiet;
            return true;
        } else {
            depth += (c == '(') - (c == ')');
            parser->line += c == '\n';
            parser->pos++;
        }
    }
    bool ended = parser->failed || !parser->text[parser->pos];
    *parser = before;
    if (ended)
        need_more(parser, "unterminated $((");
    return ended;
}

bool lexer_is_arithmetic(const char *text)
{
    struct arena arena = { 0 };
    struct parser parser = { .arena = &arena, .name = "", .text = text, .pos = 3 };
    bool found = strncmp(text, "$((", 3) == 0 && skip_arithmetic(&parser);
    arena_free(&arena);
    return found;
}

static void skip_dollar(struct parser *parser, bool in_double)
{
    const char *at = parser->text + parser->pos;
    if (++parser->depth > NESTING_MAX)
        parser_fail(parser, "nested too deeply");
    if (at[1] == '{') {
        parser->pos += 2;
        skip_until(parser, '}', in_double && !braces_have_pattern(at + 2), "unterminated ${");
    } else if (at[1] == '(') {
        parser->pos += at[2] == '(' ? 3 : 2;
        if (at[2] != '(' || !skip_arithmetic(parser)) {
            parser->pos -= at[2] == '(';
            parser_skip_substitution(parser);
        }
    } else {
        parser->pos += at[1] == '$' ? 2 : 1;
    }
    parser->depth--;
}

static void skip_piece(struct parser *parser)
{
    switch (parser->text[parser->pos]) {
    case '\'':
        skip_single_quotes(parser);
        break;
    case '"':
        parser->pos++;
        skip_until(parser, '"', true, "unterminated \" quote");
        break;
    case '`':
        skip_backquotes(parser);
        break;
    case '$':
        skip_dollar(parser, false);
        break;
    case '\\':
        if (parser->text[parser->pos + 1] == '\n')
            parser->line++;
        parser->pos += parser->text[parser->pos + 1] ? 2 : 1;
        if (!parser->text[parser->pos] && parser->text[parser->pos - 1] == '\n' && parser->more_may_come)
            need_more(parser, "line continues");
        break;
    default:
        parser->pos++;
    }
}

size_t lexer_skip_piece(const char *text, size_t pos)
{
    struct arena arena = { 0 };
    struct parser parser = { .arena = &arena, .name = "", .text = text, .pos = pos };
    skip_piece(&parser);
    arena_free(&arena);
    return parser.pos;
}

static bool leave_alias(struct parser *parser);

/* To the end of its line, which may lie behind the alias that began it. */
static void skip_comment(struct parser *parser)
{
    for (;;) {
        parser->pos += strcspn(parser->text + parser->pos, "\n");
        if (parser->text[parser->pos] || !parser->aliases)
            return;
        leave_alias(parser);
    }
}

static void skip_blanks(struct parser *parser)
{
    for (;;) {
        const char *text = parser->text;
        char c = text[parser->pos];
        if (c == ' ' || c == '\t' || c == '\r') {
            parser->pos++;
        } else if (c == '\\' && text[parser->pos + 1] == '\n') {
            parser->pos += 2;
            parser->line++;
            if (!text[parser->pos] && parser->more_may_come)
                need_more(parser, "line continues");
        } else if (c == '#') {
            skip_comment(parser);
        } else {
            return;
        }
    }
}

/* What `operator` takes up at text, with lines that are joined inside it (XCU 2.2.1); 0: it does not stand there. */
static size_t operator_length(const char *text, const char *operator)
{
    size_t at = 0;
    for (; *operator; operator++, at++) {
        while (at > 0 && text[at] == '\\' && text[at + 1] == '\n')
            at += 2;
        if (text[at] != *operator)
            return 0;
    }
    return at;
}

static void lex_operator(struct parser *parser)
{
    static const char *const operators[] = { "<<-", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>", ">|" };
    size_t taken = 1;
    parser->token.kind = TOKEN_OPERATOR;
    parser->token.text = NULL;
    for (size_t i = 0; i < sizeof operators / sizeof *operators && !parser->token.text; i++) {
        taken = operator_length(parser->text + parser->pos, operators[i]);
        if (taken)
            parser->token.text = operators[i];
    }
    if (!parser->token.text) {
        parser->token.text = arena_strndup(parser->arena, parser->text + parser->pos, 1);
        taken = 1;
    }
    for (; taken > 0; taken--)
        parser->line += parser->text[parser->pos++] == '\n';
}

/* Takes out each backslash with its newline that no single quotes hold (XCU 2.2.1), so that "i\<newline>f" is "if".
 * What a substitution runs is read by a lexer of its own. The new length. */
static size_t join_lines(char *word, bool is_here)
{
    size_t out = 0;
    bool in_double = is_here; /* there no quote means anything */
    for (size_t i = 0; word[i];) {
        bool apart = word[i] == '`' || (word[i] == '$' && word[i + 1] == '(') || (word[i] == '\'' && !in_double);
        bool escape = word[i] == '\\' && word[i + 1];
        size_t piece = apart ? lexer_skip_piece(word, i) - i : escape ? 2 : 1;
        if (escape && word[i + 1] == '\n') {
            i += 2;
            continue;
        }
        in_double ^= word[i] == '"' && !is_here;
        memmove(word + out, word + i, piece);
        out += piece;
        i += piece;
    }
    word[out] = 0;
    return out;
}

static void lex_word(struct parser *parser)
{
    const char *text = parser->text;
    size_t start = parser->pos;
    while (!parser->failed) {
        unsigned char c = (unsigned char)text[parser->pos];
        if (c == 0 || at_operator(c) || c == ' ' || c == '\t' || c == '\n' || c == '\r')
            break;
        skip_piece(parser);
    }
    size_t len = parser->pos - start;
    char *word = arena_strndup(parser->arena, text + start, len);
    if (!parser->failed && strstr(word, "\\\n"))
        len = join_lines(word, false);
    parser->token.kind = TOKEN_WORD;
    parser->token.text = word;
    bool digits = len > 0 && len < 4 && strspn(word, "0123456789") == len;
    if (digits && (text[parser->pos] == '<' || text[parser->pos] == '>'))
        parser->token.kind = TOKEN_IO_NUMBER;
}

/* The delimiter with its quotes taken off; true if there were any. */
static bool unquote_delimiter(char *out, const char *word)
{
    bool quoted = false;
    char quote = 0;
    for (; *word; word++) {
        if (quote ? *word == quote : (*word == '\'' || *word == '"')) {
            quote = quote ? 0 : *word;
            quoted = true;
        } else if (*word == '\\' && !quote && word[1]) {
            *out++ = *++word;
            quoted = true;
        } else {
            *out++ = *word;
        }
    }
    *out = 0;
    return quoted;
}

static void read_here_document(struct parser *parser, struct redir *redir, bool strip_tabs)
{
    char *delimiter = arena_alloc(parser->arena, strlen(redir->target) + 1);
    redir->literal = unquote_delimiter(delimiter, redir->target);
    struct buffer body = { 0 };
    buffer_append(&body, "", 0);
    for (;;) {
        const char *line = parser->text + parser->pos;
        if (!*line) {
            if (parser->more_may_come)
                need_more(parser, "unfinished here-document");
            break; /* the end of a script ends its last here-document */
        }
        size_t len = strcspn(line, "\n");
        parser->pos += len + (line[len] == '\n');
        parser->line++;
        while (strip_tabs && len > 0 && *line == '\t')
            line++, len--;
        if (len == strlen(delimiter) && memcmp(line, delimiter, len) == 0)
            break;
        buffer_append(&body, line, len);
        buffer_add(&body, '\n');
    }
    char *text = arena_strndup(parser->arena, body.data, body.len);
    if (!redir->literal && strstr(text, "\\\n"))
        join_lines(text, true);
    redir->target = text;
    buffer_free(&body);
}

void lexer_read_here_documents(struct parser *parser)
{
    for (unsigned i = 0; i < parser->npending && !parser->failed; i++)
        read_here_document(parser, parser->pending_here[i], parser->here_strip[i]);
    parser->npending = 0;
}

static void lex_newline(struct parser *parser)
{
    parser->token.kind = TOKEN_NEWLINE;
    parser->token.text = "newline";
    parser->pos++;
    parser->line++;
    lexer_read_here_documents(parser);
}

/* ---- aliases ---- */

bool lexer_try_alias(struct parser *parser)
{
    const char *name = parser->token.text, *value = alias_value(name);
    if (!value)
        return false;
    for (const struct alias_input *input = parser->aliases; input; input = input->below)
        if (strcmp(input->name, name) == 0)
            return false;
    struct alias_input *input = arena_alloc(parser->arena, sizeof *input);
    *input = (struct alias_input){ .below = parser->aliases, .name = name, .outer_text = parser->text,
                                   .outer_pos = parser->pos, .start = parser->token.start };
    parser->aliases = input;
    parser->text = arena_strndup(parser->arena, value, strlen(value));
    parser->pos = 0;
    parser->have_token = false;
    return true;
}

/* True if the alias ended in a blank. */
static bool leave_alias(struct parser *parser)
{
    const struct alias_input *input = parser->aliases;
    size_t len = strlen(parser->text);
    bool blank = len > 0 && (parser->text[len - 1] == ' ' || parser->text[len - 1] == '\t');
    parser->text = input->outer_text;
    parser->pos = input->outer_pos;
    parser->aliases = input->below;
    return blank;
}

void lexer_leave_aliases(struct parser *parser)
{
    while (parser->aliases)
        leave_alias(parser);
}

size_t lexer_source_pos(const struct parser *parser, size_t pos)
{
    for (const struct alias_input *input = parser->aliases; input; input = input->below)
        pos = input->outer_pos;
    return pos;
}

void lexer_next(struct parser *parser)
{
    bool after_blank = false;
    skip_blanks(parser);
    while (!parser->text[parser->pos] && parser->aliases) {
        after_blank |= leave_alias(parser);
        skip_blanks(parser);
    }
    parser->have_token = true;
    parser->token.start = parser->aliases ? parser->aliases->start : parser->pos;
    parser->token.alias_may_follow = after_blank;
    unsigned char c = (unsigned char)parser->text[parser->pos];
    if (parser->failed || c == 0) {
        parser->token.kind = TOKEN_END;
        parser->token.text = "end of input";
    } else if (c == '\n') {
        lex_newline(parser);
    } else if (at_operator(c)) {
        lex_operator(parser);
    } else {
        lex_word(parser);
    }
}
