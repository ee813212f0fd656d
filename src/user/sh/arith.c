/* $((...)): C's integer expressions over long (POSIX XCU 2.6.4), by precedence climbing. Arithmetic
 * wraps; division by zero and nonsense abort the command. */
#include "expand.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arith {
    const char *at, *whole;
    int depth;
    int skipping; /* above zero: this side of ?: && || is not evaluated */
};

static long parse_assignment(struct arith *a);

static void fail(const struct arith *a, const char *what)
{
    shell_error("arithmetic: %s in '%s'", what, a->whole);
    shell_abort(2);
}

static void skip_space(struct arith *a)
{
    while (isspace((unsigned char)*a->at))
        a->at++;
}

static bool accept(struct arith *a, const char *op)
{
    skip_space(a);
    size_t len = strlen(op);
    if (strncmp(a->at, op, len) != 0)
        return false;
    a->at += len;
    return true;
}

static long variable_value(struct arith *a, const char *name)
{
    char *end;
    const char *value = var_get(name);
    if (!value && shell.opt[OPT_NOUNSET]) {
        shell_error("%s: parameter not set", name);
        shell_abort(2);
    }
    if (!value)
        return 0;
    long number = strtol(value, &end, 0);
    while (isspace((unsigned char)*end))
        end++;
    if (*end)
        fail(a, "a variable that is not a number");
    return number;
}

static void assign(struct arith *a, const char *name, long value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%ld", value);
    if (!a->skipping && !var_set(name, digits))
        shell_abort(2);
}

static char *take_name(struct arith *a, size_t len)
{
    char *name = arena_strndup(&shell.scratch, a->at, len);
    a->at += len;
    return name;
}

/* "++" or "--" here: 1 or -1, and behind it; else 0. */
static int accept_step(struct arith *a)
{
    skip_space(a);
    if ((*a->at != '+' && *a->at != '-') || a->at[1] != *a->at)
        return 0;
    a->at += 2;
    return a->at[-1] == '+' ? 1 : -1;
}

/* x, x++ and x-- */
static long parse_name(struct arith *a, size_t len)
{
    char *name = take_name(a, len);
    long value = variable_value(a, name);
    const char *before = a->at;
    int step = accept_step(a);
    skip_space(a);
    if (step && (isalnum((unsigned char)*a->at) || *a->at == '_' || *a->at == '(')) {
        a->at = before; /* "x++ y" is x + (+y), as it always was */
        return value;
    }
    if (step)
        assign(a, name, (long)((unsigned long)value + (unsigned long)step));
    return value;
}

/* ++x and --x; of anything else two signs are two signs. */
static bool parse_step(struct arith *a, long *value)
{
    const char *before = a->at;
    int step = accept_step(a);
    skip_space(a);
    size_t len = step ? name_length(a->at) : 0;
    if (!len) {
        a->at = before;
        return false;
    }
    char *name = take_name(a, len);
    *value = (long)((unsigned long)variable_value(a, name) + (unsigned long)step);
    assign(a, name, *value);
    return true;
}

static long parse_primary(struct arith *a)
{
    if (accept(a, "(")) {
        long value = parse_assignment(a);
        if (!accept(a, ")"))
            fail(a, "missing ')'");
        return value;
    }
    size_t len = name_length(a->at);
    if (len)
        return parse_name(a, len);
    if (!isdigit((unsigned char)*a->at))
        fail(a, *a->at ? "unexpected character" : "unexpected end");
    char *end;
    long value = (long)strtoul(a->at, &end, 0);
    if (isalnum((unsigned char)*end))
        fail(a, "bad number");
    a->at = end;
    return value;
}

static long parse_unary(struct arith *a)
{
    if (++a->depth > 200)
        fail(a, "nesting too deep");
    long value;
    skip_space(a);
    if (parse_step(a, &value)) {
        a->depth--;
        return value;
    }
    if (accept(a, "-"))
        value = (long)(0 - (unsigned long)parse_unary(a));
    else if (accept(a, "+"))
        value = parse_unary(a);
    else if (accept(a, "!"))
        value = !parse_unary(a);
    else if (accept(a, "~"))
        value = ~parse_unary(a);
    else
        value = parse_primary(a);
    a->depth--;
    return value;
}

enum op { MUL, DIV, MOD, ADD, SUB, SHL, SHR, LE, GE, LT, GT, EQ, NE, AND, XOR, OR, LAND, LOR };

static const struct {
    const char *text;
    int level;
    enum op op;
} operators[] = {
    { "<<", 8, SHL }, { ">>", 8, SHR }, { "<=", 7, LE },   { ">=", 7, GE },  { "==", 6, EQ }, { "!=", 6, NE },
    { "&&", 2, LAND }, { "||", 1, LOR }, { "*", 10, MUL },  { "/", 10, DIV }, { "%", 10, MOD }, { "+", 9, ADD },
    { "-", 9, SUB },  { "<", 7, LT },   { ">", 7, GT },    { "&", 5, AND },  { "^", 4, XOR }, { "|", 3, OR },
};

/* The operator here, or -1; compound assignments (x += 1) are not binary operators. */
static int peek_operator(struct arith *a)
{
    skip_space(a);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t len = strlen(operators[i].text);
        if (strncmp(a->at, operators[i].text, len) == 0)
            return (int)i;
    }
    return -1;
}

static long apply(const struct arith *a, enum op op, long x, long y)
{
    unsigned long ux = (unsigned long)x, uy = (unsigned long)y;
    switch (op) {
    case MUL: return (long)(ux * uy);
    case DIV:
    case MOD:
        if (a->skipping)
            return 0;
        if (y == 0)
            fail(a, "division by zero");
        if (y == -1)
            return op == DIV ? (long)(0 - ux) : 0;
        return op == DIV ? x / y : x % y;
    case ADD: return (long)(ux + uy);
    case SUB: return (long)(ux - uy);
    case SHL: return (long)(ux << (uy & 63));
    case SHR: return x >> (uy & 63);
    case LE: return x <= y;
    case GE: return x >= y;
    case LT: return x < y;
    case GT: return x > y;
    case EQ: return x == y;
    case NE: return x != y;
    case AND: return x & y;
    case XOR: return x ^ y;
    case OR: return x | y;
    case LAND: return x && y;
    case LOR: return x || y;
    }
    return 0;
}

static long parse_binary(struct arith *a, int level)
{
    long left = parse_unary(a);
    for (;;) {
        int index = peek_operator(a);
        if (index < 0 || operators[index].level < level)
            return left;
        enum op op = operators[index].op;
        a->at += strlen(operators[index].text);
        bool skip = (op == LAND && !left) || (op == LOR && left);
        a->skipping += skip;
        long right = parse_binary(a, operators[index].level + 1);
        a->skipping -= skip;
        left = apply(a, op, left, right);
    }
}

static long parse_conditional(struct arith *a)
{
    long condition = parse_binary(a, 1);
    if (!accept(a, "?"))
        return condition;
    a->skipping += !condition;
    long yes = parse_assignment(a);
    a->skipping -= !condition;
    if (!accept(a, ":"))
        fail(a, "missing ':'");
    a->skipping += condition != 0;
    long no = parse_conditional(a); /* C's grammar: an assignment here needs parentheses */
    a->skipping -= condition != 0;
    return condition ? yes : no;
}

static bool parse_assign_op(struct arith *a, int *op)
{
    skip_space(a);
    if (a->at[0] == '=' && a->at[1] != '=') {
        *op = -1;
        a->at++;
        return true;
    }
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t len = strlen(operators[i].text);
        bool can = operators[i].level >= 8 || (operators[i].level >= 3 && operators[i].level <= 5);
        if (can && strncmp(a->at, operators[i].text, len) == 0 && a->at[len] == '=') {
            *op = (int)operators[i].op;
            a->at += len + 1;
            return true;
        }
    }
    return false;
}

static long parse_assignment(struct arith *a)
{
    int op;
    skip_space(a);
    const char *start = a->at;
    size_t len = name_length(start);
    if (len) {
        a->at += len;
        if (parse_assign_op(a, &op)) {
            char *name = arena_strndup(&shell.scratch, start, len);
            long value = parse_assignment(a);
            if (op >= 0)
                value = apply(a, (enum op)op, variable_value(a, name), value);
            assign(a, name, value);
            return value;
        }
        a->at = start;
    }
    return parse_conditional(a);
}

long arith_eval(const char *text)
{
    struct arith a = { .at = text, .whole = text };
    skip_space(&a);
    if (!*a.at)
        return 0;
    long value = parse_assignment(&a);
    skip_space(&a);
    if (*a.at)
        fail(&a, "unexpected text");
    return value;
}
