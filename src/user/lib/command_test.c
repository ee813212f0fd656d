/* test and [ (POSIX XCU test): the argument count decides first, then a small grammar with -a, -o, !
 * and parentheses. */
#include "commands.h"

#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct test {
    char **arg, **end;
    complain_fn complain;
    bool failed;
};

static bool parse_or(struct test *test);

static bool fail(struct test *test, const char *text, const char *what)
{
    if (!test->failed)
        test->complain("test: %s: %s", text, what);
    test->failed = true;
    return false;
}

static long number(struct test *test, const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);
    while (*end == ' ')
        end++;
    if (!*text || *end)
        fail(test, text, "not a number");
    return value;
}

static bool is_unary(const char *op)
{
    return op[0] == '-' && op[1] && !op[2] && strchr("bcdefghknprstuwxzLSG", op[1]);
}

static bool eval_unary(struct test *test, char op, const char *text)
{
    struct stat st;
    switch (op) {
    case 'n': return *text != 0;
    case 'z': return *text == 0;
    case 't': return isatty((int)number(test, text));
    case 'r': return access(text, R_OK) == 0;
    case 'w': return access(text, W_OK) == 0;
    case 'x': return access(text, X_OK) == 0;
    case 'h':
    case 'L': return lstat(text, &st) == 0 && S_ISLNK(st.st_mode);
    }
    if (stat(text, &st) < 0)
        return false;
    switch (op) {
    case 'b': return S_ISBLK(st.st_mode);
    case 'c': return S_ISCHR(st.st_mode);
    case 'd': return S_ISDIR(st.st_mode);
    case 'e': return true;
    case 'f': return S_ISREG(st.st_mode);
    case 'g': return st.st_mode & S_ISGID;
    case 'G': return st.st_gid == getegid();
    case 'k': return st.st_mode & S_ISVTX;
    case 'p': return S_ISFIFO(st.st_mode);
    case 's': return st.st_size > 0;
    case 'S': return S_ISSOCK(st.st_mode);
    case 'u': return st.st_mode & S_ISUID;
    }
    return false;
}

static const char *const binaries[] = { "=", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef" };
enum binary { EQUAL, DIFFERENT, BEFORE, AFTER, EQ, NE, LT, LE, GT, GE, NEWER, OLDER, SAME };

static int find_binary(const char *op)
{
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
        if (strcmp(op, binaries[i]) == 0)
            return (int)i;
    return -1;
}

static bool eval_files(enum binary op, const char *a, const char *b)
{
    struct stat x, y;
    bool have_x = stat(a, &x) == 0, have_y = stat(b, &y) == 0;
    if (op == SAME)
        return have_x && have_y && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
    if (!have_x || !have_y)
        return op == NEWER ? have_x && !have_y : have_y && !have_x;
    long seconds = x.st_mtim.tv_sec - y.st_mtim.tv_sec;
    long difference = seconds ? seconds : x.st_mtim.tv_nsec - y.st_mtim.tv_nsec;
    return op == NEWER ? difference > 0 : difference < 0;
}

static bool eval_binary(struct test *test, enum binary op, const char *a, const char *b)
{
    if (op >= NEWER)
        return eval_files(op, a, b);
    if (op <= AFTER) {
        int order = strcmp(a, b);
        return op == EQUAL ? order == 0 : op == DIFFERENT ? order != 0 : op == BEFORE ? order < 0 : order > 0;
    }
    long x = number(test, a), y = number(test, b);
    switch (op) {
    case EQ: return x == y;
    case NE: return x != y;
    case LT: return x < y;
    case LE: return x <= y;
    case GT: return x > y;
    default: return x >= y;
    }
}

static bool parse_primary(struct test *test)
{
    long left = test->end - test->arg;
    if (left <= 0)
        return fail(test, "expression", "argument expected");
    char **arg = test->arg;
    int op;
    if (left >= 3 && (op = find_binary(arg[1])) >= 0) {
        test->arg += 3;
        return eval_binary(test, (enum binary)op, arg[0], arg[2]);
    }
    if (left >= 2 && strcmp(arg[0], "!") == 0) {
        test->arg++;
        return !parse_primary(test);
    }
    if (left >= 3 && strcmp(arg[0], "(") == 0) {
        test->arg++;
        bool value = parse_or(test);
        if (test->arg >= test->end || strcmp(*test->arg, ")") != 0)
            return fail(test, "(", "missing )");
        test->arg++;
        return value;
    }
    if (left >= 2 && is_unary(arg[0])) {
        test->arg += 2;
        return eval_unary(test, arg[0][1], arg[1]);
    }
    test->arg++;
    return *arg[0] != 0;
}

static bool parse_and(struct test *test)
{
    bool value = parse_primary(test);
    while (test->arg < test->end && strcmp(*test->arg, "-a") == 0) {
        test->arg++;
        value &= parse_primary(test);
    }
    return value;
}

static bool parse_or(struct test *test)
{
    bool value = parse_and(test);
    while (test->arg < test->end && strcmp(*test->arg, "-o") == 0) {
        test->arg++;
        value |= parse_and(test);
    }
    return value;
}

int command_test(char **argv, complain_fn complain)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    if (strcmp(argv[0], "[") == 0 && strcmp(argv[--argc], "]") != 0) {
        complain("[: missing ]");
        return 2;
    }
    struct test test = { .arg = argv + 1, .end = argv + argc, .complain = complain };
    if (argc <= 1)
        return 1;
    bool value = parse_or(&test);
    if (!test.failed && test.arg < test.end)
        fail(&test, *test.arg, "unexpected argument");
    return test.failed ? 2 : !value;
}
