/* expr: arithmetic, comparison and matching for scripts. Status 0: neither empty nor 0; 1: one of these;
 * 2: not an expression. POSIX, XCU, expr. */
#include "../lib/util.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char **word; /* the next one */

static char *either(int level);

static void wrong(const char *why)
{
    fprintf(stderr, "expr: %s\n", why);
    exit(2);
}

static char *text_of(long long value)
{
    char *text = malloc(24);
    if (!text)
        die("expr");
    snprintf(text, 24, "%lld", value);
    return text;
}

static bool is_number(const char *text, long long *out)
{
    char *end;
    const char *digits = text + (*text == '-');
    if (*digits < '0' || *digits > '9')
        return false;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (errno)
        wrong("a number is too large");
    return !*end;
}

static long long number(const char *text)
{
    long long value = 0;
    if (!is_number(text, &value))
        wrong("not a number");
    return value;
}

static bool is_nothing(const char *text)
{
    long long value;
    return !*text || (is_number(text, &value) && value == 0);
}

/* How much of text the pattern matches, from the start; or what its first group matched. */
static char *match(const char *text, const char *pattern)
{
    regex_t re;
    regmatch_t m[2] = { { -1, -1 }, { -1, -1 } };
    char *anchored;
    if (asprintf(&anchored, "^%s", pattern) < 0)
        die("expr");
    if (regcomp(&re, *pattern == '^' ? pattern : anchored, 0))
        wrong("not a regular expression");
    bool found = regexec(&re, text, 2, m, 0) == 0;
    bool group = re.re_nsub > 0;
    regfree(&re);
    free(anchored);
    if (!group)
        return text_of(found ? m[0].rm_eo : 0);
    return found && m[1].rm_so >= 0 ? strndup(text + m[1].rm_so, (size_t)(m[1].rm_eo - m[1].rm_so)) : strdup("");
}

static char *calculate(const char *a, char op, const char *b)
{
    long long x = number(a), y = number(b), result = 0;
    if ((op == '/' || op == '%') && y == 0)
        wrong("division by zero");
    bool over = op == '+' ? __builtin_add_overflow(x, y, &result) : op == '-' ? __builtin_sub_overflow(x, y, &result)
              : op == '*' ? __builtin_mul_overflow(x, y, &result) : y == -1 && __builtin_sub_overflow(0, x, &result);
    if (over)
        wrong("a number is too large");
    if ((op == '/' || op == '%') && y != -1)
        result = op == '/' ? x / y : x % y;
    else if (op == '%')
        result = 0;
    return text_of(result);
}

static char *compare(const char *a, const char *op, const char *b)
{
    long long x, y;
    int order = is_number(a, &x) && is_number(b, &y) ? (x > y) - (x < y) : strcmp(a, b);
    bool yes = strcmp(op, "=") == 0 ? order == 0 : strcmp(op, "!=") == 0 ? order != 0 : strcmp(op, "<") == 0 ? order < 0
             : strcmp(op, "<=") == 0 ? order <= 0 : strcmp(op, ">") == 0 ? order > 0 : order >= 0;
    return text_of(yes);
}

static char *single(void)
{
    if (!*word)
        wrong("something is missing at the end");
    if (strcmp(*word, "(") != 0)
        return *word++;
    word++;
    char *value = either(0);
    if (!*word || strcmp(*word, ")") != 0)
        wrong("a ')' is missing");
    word++;
    return value;
}

static bool is_one_of(const char *text, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(text, *names) == 0)
            return true;
    return false;
}

/* From the weakest operators to the strongest. */
static char *either(int level)
{
    static const char *const operators[][7] = {
        { "|" }, { "&" }, { "=", "!=", "<", "<=", ">", ">=" }, { "+", "-" }, { "*", "/", "%" }, { ":" },
    };
    if (level == 6)
        return single();
    char *a = either(level + 1);
    while (*word && is_one_of(*word, operators[level])) {
        const char *op = *word++;
        char *b = either(level + 1);
        switch (level) {
        case 0: a = !is_nothing(a) ? a : *b ? b : text_of(0); break;
        case 1: a = !is_nothing(a) && !is_nothing(b) ? a : text_of(0); break;
        case 2: a = compare(a, op, b); break;
        case 5: a = match(a, b); break;
        default: a = calculate(a, *op, b); break;
        }
    }
    return a;
}

int main(int argc, char **argv)
{
    tool_init(argv, "usage: expr EXPRESSION\n"
                    "Print its value. Weakest first: A | B, A & B, A = B (!= < <= > >=), A + B (-), A * B (/ %),\n"
                    "TEXT : PATTERN (how much matches, or the part in \\( \\)), ( ). Each part is a word of its own.\n");
    if (argc < 2)
        die_usage();
    word = argv + 1 + (strcmp(argv[1], "--") == 0);
    const char *value = either(0);
    if (*word)
        wrong("something is left over at the end");
    puts(value);
    return flush_output() ? 3 : is_nothing(value);
}
