/* Tokens -> tree (POSIX XCU 2.10), by recursive descent. Nothing here runs or expands anything. The
 * first error is reported with its line and what stood there; the rest of the input is not guessed
 * at. Nesting is bounded, so hostile text cannot overflow the stack. */
#include "sh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 200 };

static struct node *parse_list(struct parser *parser);
static struct node *parse_command(struct parser *parser);

void parser_fail(struct parser *parser, const char *what)
{
    if (!parser->failed && !parser->incomplete && !parser->quiet)
        fprintf(stderr, "%s: line %d: syntax error: %s\n", parser->name, parser->line, what);
    parser->failed = true;
}

static struct token *peek(struct parser *parser)
{
    if (!parser->have_token)
        lexer_next(parser);
    return &parser->token;
}

static void advance(struct parser *parser)
{
    parser->have_token = false;
}

static void fail_unexpected(struct parser *parser, const char *wanted)
{
    char message[128];
    const struct token *token = peek(parser);
    if (parser->failed)
        return;
    if (token->kind == TOKEN_END && parser->more_may_come)
        parser->incomplete = true;
    const char *quote = token->kind == TOKEN_END || token->kind == TOKEN_NEWLINE ? "" : "'";
    if (wanted)
        snprintf(message, sizeof message, "unexpected %s%.40s%s, expected '%s'", quote, token->text, quote, wanted);
    else
        snprintf(message, sizeof message, "unexpected %s%.40s%s", quote, token->text, quote);
    parser_fail(parser, message);
}

static bool at_operator(struct parser *parser, const char *text)
{
    const struct token *token = peek(parser);
    return token->kind == TOKEN_OPERATOR && strcmp(token->text, text) == 0;
}

static bool at_word(struct parser *parser, const char *text)
{
    const struct token *token = peek(parser);
    return token->kind == TOKEN_WORD && strcmp(token->text, text) == 0;
}

static bool accept_operator(struct parser *parser, const char *text)
{
    if (!at_operator(parser, text))
        return false;
    advance(parser);
    return true;
}

static bool accept_word(struct parser *parser, const char *text)
{
    if (!at_word(parser, text))
        return false;
    advance(parser);
    return true;
}

static void expect_word(struct parser *parser, const char *text)
{
    if (!accept_word(parser, text))
        fail_unexpected(parser, text);
}

static void expect_operator(struct parser *parser, const char *text)
{
    if (!accept_operator(parser, text))
        fail_unexpected(parser, text);
}

static bool at_reserved_word(struct parser *parser)
{
    static const char *const reserved[] = { "if", "then", "else", "elif", "fi", "do", "done", "case", "esac",
                                            "while", "until", "for", "{", "}", "!" };
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (at_word(parser, reserved[i]))
            return true;
    return false;
}

/* peek() where a command begins, so that an alias may stand there. */
static struct token *peek_command(struct parser *parser)
{
    while (peek(parser)->kind == TOKEN_WORD && !at_reserved_word(parser) && lexer_try_alias(parser))
        ;
    return &parser->token;
}

static void skip_newlines(struct parser *parser)
{
    while (peek(parser)->kind == TOKEN_NEWLINE && !parser->failed)
        advance(parser);
}

static struct node *node_new(struct parser *parser, enum node_kind kind)
{
    struct node *node = arena_alloc(parser->arena, sizeof *node);
    node->kind = kind;
    node->line = parser->line;
    return node;
}

static struct node *node_pair(struct parser *parser, enum node_kind kind, struct node *left, struct node *right)
{
    struct node *node = node_new(parser, kind);
    node->left = left;
    node->right = right;
    return node;
}

static struct word **add_word(struct parser *parser, struct word **tail, const char *text)
{
    struct word *word = arena_alloc(parser->arena, sizeof *word);
    word->text = text;
    *tail = word;
    return &word->next;
}

/* From start to what was read last, for `jobs`: one line's worth. */
static const char *source_text(struct parser *parser, size_t start)
{
    const char *base = parser->text;
    for (const struct alias_input *input = parser->aliases; input; input = input->below)
        base = input->outer_text;
    size_t end = parser->have_token ? parser->token.start : lexer_source_pos(parser, parser->pos);
    size_t len = end > start ? end - start : strcspn(base + start, "\n");
    return arena_strndup(parser->arena, base + start, len < TEXT_MAX ? len : TEXT_MAX);
}

/* ---- redirections ---- */

static bool redir_op_from(const char *text, enum redir_op *op)
{
    static const struct {
        const char *text;
        enum redir_op op;
    } table[] = {
        { "<", REDIR_IN },      { ">", REDIR_OUT },     { ">|", REDIR_CLOBBER }, { ">>", REDIR_APPEND }, { "<>", REDIR_RDWR },
        { "<&", REDIR_DUP_IN }, { ">&", REDIR_DUP_OUT }, { "<<", REDIR_HERE },    { "<<-", REDIR_HERE },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(text, table[i].text) == 0) {
            *op = table[i].op;
            return true;
        }
    return false;
}

/* One redirection, if there is one here. */
static bool parse_redir(struct parser *parser, struct redir ***tail)
{
    enum redir_op op;
    int fd = -1;
    if (peek(parser)->kind == TOKEN_IO_NUMBER) {
        fd = atoi(parser->token.text);
        advance(parser);
        peek(parser);
    }
    if (parser->token.kind != TOKEN_OPERATOR || !redir_op_from(parser->token.text, &op))
        return false;
    bool strip = strcmp(parser->token.text, "<<-") == 0;
    advance(parser);
    if (peek(parser)->kind != TOKEN_WORD && parser->token.kind != TOKEN_IO_NUMBER) {
        fail_unexpected(parser, "file name");
        return false;
    }
    struct redir *redir = arena_alloc(parser->arena, sizeof *redir);
    redir->op = op;
    redir->target = parser->token.text;
    bool output = op == REDIR_OUT || op == REDIR_CLOBBER || op == REDIR_APPEND || op == REDIR_DUP_OUT;
    redir->fd = fd >= 0 ? fd : output;
    if (op == REDIR_HERE) {
        if (parser->npending == sizeof parser->pending_here / sizeof *parser->pending_here) {
            parser_fail(parser, "too many here-documents");
            return false;
        }
        parser->here_strip[parser->npending] = strip;
        parser->pending_here[parser->npending++] = redir;
    }
    advance(parser);
    **tail = redir;
    *tail = &redir->next;
    return true;
}

/* ---- commands ---- */

static bool is_assignment(const char *text)
{
    size_t len = name_length(text);
    return len > 0 && text[len] == '=';
}

static struct node *parse_function(struct parser *parser, const char *name)
{
    advance(parser);
    expect_operator(parser, ")");
    if (!name_is_valid(name, strlen(name)))
        parser_fail(parser, "bad function name");
    skip_newlines(parser);
    struct node *node = node_new(parser, NODE_FUNCTION);
    node->name = name;
    node->left = parse_command(parser);
    return node;
}

static struct node *parse_simple(struct parser *parser)
{
    struct node *node = node_new(parser, NODE_SIMPLE);
    struct word **words = &node->words, **assigns = &node->assigns;
    struct redir **redirs = &node->redirs;
    while (!parser->failed) {
        if (parse_redir(parser, &redirs))
            continue;
        if (peek(parser)->kind != TOKEN_WORD)
            break;
        if ((!node->words || parser->token.alias_may_follow) && lexer_try_alias(parser))
            continue;
        const char *text = parser->token.text;
        advance(parser);
        if (!node->words && is_assignment(text)) {
            assigns = add_word(parser, assigns, text);
            continue;
        }
        if (!node->words && !node->assigns && !node->redirs && at_operator(parser, "("))
            return parse_function(parser, text);
        words = add_word(parser, words, text);
    }
    if (!node->words && !node->assigns && !node->redirs)
        fail_unexpected(parser, NULL);
    return node;
}

static struct node *parse_if(struct parser *parser)
{
    struct node *node = node_new(parser, NODE_IF);
    node->left = parse_list(parser);
    expect_word(parser, "then");
    node->right = parse_list(parser);
    if (accept_word(parser, "elif")) {
        node->other = parse_if(parser); /* takes the one fi */
        return node;
    }
    if (accept_word(parser, "else"))
        node->other = parse_list(parser);
    expect_word(parser, "fi");
    return node;
}

static struct node *parse_loop(struct parser *parser, enum node_kind kind)
{
    struct node *node = node_new(parser, kind);
    node->left = parse_list(parser);
    expect_word(parser, "do");
    node->right = parse_list(parser);
    expect_word(parser, "done");
    return node;
}

static struct node *parse_for(struct parser *parser)
{
    struct node *node = node_new(parser, NODE_FOR);
    node->name = peek(parser)->text;
    if (parser->token.kind != TOKEN_WORD || !name_is_valid(node->name, strlen(node->name)))
        fail_unexpected(parser, "variable name");
    advance(parser);
    skip_newlines(parser);
    if (accept_word(parser, "in")) {
        node->has_in = true;
        struct word **tail = &node->words;
        while (peek(parser)->kind == TOKEN_WORD) {
            tail = add_word(parser, tail, parser->token.text);
            advance(parser);
        }
        if (!at_operator(parser, ";") && peek(parser)->kind != TOKEN_NEWLINE)
            fail_unexpected(parser, ";");
    }
    accept_operator(parser, ";");
    skip_newlines(parser);
    expect_word(parser, "do");
    node->right = parse_list(parser);
    expect_word(parser, "done");
    return node;
}

static struct case_item *parse_case_item(struct parser *parser)
{
    struct case_item *item = arena_alloc(parser->arena, sizeof *item);
    struct word **tail = &item->patterns;
    accept_operator(parser, "(");
    do {
        if (peek(parser)->kind != TOKEN_WORD)
            fail_unexpected(parser, "pattern");
        tail = add_word(parser, tail, parser->token.text);
        advance(parser);
    } while (accept_operator(parser, "|") && !parser->failed);
    expect_operator(parser, ")");
    skip_newlines(parser);
    if (!at_operator(parser, ";;") && !at_word(parser, "esac"))
        item->body = parse_list(parser);
    if (!accept_operator(parser, ";;") && !at_word(parser, "esac"))
        fail_unexpected(parser, ";;");
    skip_newlines(parser);
    return item;
}

static struct node *parse_case(struct parser *parser)
{
    struct node *node = node_new(parser, NODE_CASE);
    node->name = peek(parser)->text;
    if (parser->token.kind != TOKEN_WORD)
        fail_unexpected(parser, "word");
    advance(parser);
    skip_newlines(parser);
    expect_word(parser, "in");
    skip_newlines(parser);
    struct case_item **tail = &node->items;
    while (!at_word(parser, "esac") && !parser->failed) {
        *tail = parse_case_item(parser);
        tail = &(*tail)->next;
    }
    expect_word(parser, "esac");
    return node;
}

static struct node *parse_compound(struct parser *parser)
{
    struct node *node = NULL;
    if (accept_operator(parser, "(")) {
        node = node_pair(parser, NODE_SUBSHELL, parse_list(parser), NULL);
        expect_operator(parser, ")");
    } else if (accept_word(parser, "{")) {
        node = node_pair(parser, NODE_GROUP, parse_list(parser), NULL);
        expect_word(parser, "}");
    } else if (accept_word(parser, "if")) {
        node = parse_if(parser);
    } else if (accept_word(parser, "while")) {
        node = parse_loop(parser, NODE_WHILE);
    } else if (accept_word(parser, "until")) {
        node = parse_loop(parser, NODE_UNTIL);
    } else if (accept_word(parser, "for")) {
        node = parse_for(parser);
    } else if (accept_word(parser, "case")) {
        node = parse_case(parser);
    }
    return node;
}

static bool at_closing_word(struct parser *parser)
{
    static const char *const closing[] = { "then", "else", "elif", "fi", "do", "done", "esac", "}" };
    for (size_t i = 0; i < sizeof closing / sizeof *closing; i++)
        if (at_word(parser, closing[i]))
            return true;
    return false;
}

static struct node *parse_command(struct parser *parser)
{
    if (parser->depth >= NESTING_MAX)
        parser_fail(parser, "nested too deeply");
    peek_command(parser);
    if (!parser->failed && at_closing_word(parser))
        fail_unexpected(parser, NULL);
    if (parser->failed)
        return node_new(parser, NODE_SIMPLE);
    parser->depth++;
    struct node *node = parse_compound(parser);
    if (node) {
        struct redir **tail = &node->redirs;
        while (!parser->failed && parse_redir(parser, &tail))
            ;
    } else {
        node = parse_simple(parser);
    }
    parser->depth--;
    return node;
}

static struct node *parse_pipeline(struct parser *parser)
{
    size_t start = peek_command(parser)->start;
    bool negated = accept_word(parser, "!");
    if (negated && at_word(parser, "!"))
        fail_unexpected(parser, NULL);
    struct node *node = parse_command(parser);
    while (accept_operator(parser, "|") && !parser->failed) {
        skip_newlines(parser);
        node = node_pair(parser, NODE_PIPE, node, parse_command(parser));
    }
    if (node->kind != NODE_FUNCTION)
        node->text = source_text(parser, start);
    return negated ? node_pair(parser, NODE_NOT, node, NULL) : node;
}

static struct node *parse_and_or(struct parser *parser)
{
    size_t start = peek(parser)->start;
    struct node *node = parse_pipeline(parser);
    while (!parser->failed && (at_operator(parser, "&&") || at_operator(parser, "||"))) {
        enum node_kind kind = parser->token.text[0] == '&' ? NODE_AND : NODE_OR;
        advance(parser);
        skip_newlines(parser);
        node = node_pair(parser, kind, node, parse_pipeline(parser));
    }
    if (!node->text)
        node->text = source_text(parser, start);
    return node;
}

/* One and_or with its separator; *ended: no separator followed. */
static struct node *parse_item(struct parser *parser, bool *ended)
{
    struct node *node = parse_and_or(parser);
    *ended = false;
    if (at_operator(parser, "&")) {
        node = node_pair(parser, NODE_BACKGROUND, node, NULL);
        advance(parser);
    } else if (!accept_operator(parser, ";")) {
        *ended = true;
    }
    return node;
}

/* Lists lean to the right, however long: running and copying one is a loop. */
static void append_item(struct parser *parser, struct node ***tail, struct node *item)
{
    if (**tail) {
        **tail = node_pair(parser, NODE_SEQUENCE, **tail, item);
        *tail = &(**tail)->right;
    } else {
        **tail = item;
    }
}

/* Commands up to a word or operator that closes what is around the list. */
static struct node *parse_list(struct parser *parser)
{
    struct node *list = NULL, **tail = &list;
    skip_newlines(parser);
    do {
        bool ended;
        append_item(parser, &tail, parse_item(parser, &ended));
        if (ended && peek(parser)->kind != TOKEN_NEWLINE)
            break;
        skip_newlines(parser);
        peek_command(parser);
    } while (!parser->failed && peek(parser)->kind != TOKEN_END && !at_operator(parser, ")") &&
             !at_operator(parser, ";;") && !at_closing_word(parser));
    return list;
}

void parser_skip_substitution(struct parser *parser)
{
    struct token outer = parser->token; /* the lexer is in the middle of this one */
    bool had_token = parser->have_token;
    unsigned npending = parser->npending;
    parser->depth++;
    parser->have_token = false;
    if (parser->depth > NESTING_MAX)
        parser_fail(parser, "nested too deeply");
    skip_newlines(parser);
    if (!parser->failed && !at_operator(parser, ")"))
        parse_list(parser);
    expect_operator(parser, ")");
    if (parser->npending > npending)
        parser->npending = npending; /* a here-document that begins in its last line has no body */
    parser->depth--;
    parser->token = outer;
    parser->have_token = had_token;
}

enum parse_result parse_line(struct arena *arena, const char *name, const char *text, size_t *pos, int *line,
                             bool more_may_come, struct node **out)
{
    struct parser parser = {
        .arena = arena, .name = name, .text = text, .pos = *pos, .line = *line, .more_may_come = more_may_come
    };
    struct node *list = NULL, **tail = &list;
    while (!parser.failed && peek_command(&parser)->kind != TOKEN_END) {
        bool ended = false;
        if (parser.token.kind == TOKEN_NEWLINE) {
            if (!parser.aliases)
                break;
            advance(&parser); /* inside an alias it only separates */
            continue;
        }
        append_item(&parser, &tail, parse_item(&parser, &ended));
        if (ended && !parser.failed && peek(&parser)->kind != TOKEN_NEWLINE && parser.token.kind != TOKEN_END)
            fail_unexpected(&parser, NULL);
    }
    lexer_leave_aliases(&parser);
    if (!parser.failed && parser.npending && more_may_come)
        parser.incomplete = parser.failed = true; /* the line's newline has not been read yet */
    if (!parser.failed)
        lexer_read_here_documents(&parser); /* those of a last line without a newline: they are empty */
    if (parser.incomplete)
        return PARSE_INCOMPLETE;
    *pos = parser.pos;
    *line = parser.line;
    *out = list;
    if (parser.failed)
        return PARSE_ERROR;
    return list ? PARSE_OK : PARSE_EMPTY;
}
