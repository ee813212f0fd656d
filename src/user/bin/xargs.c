/* xargs: run a command with words from standard input. */
#include "../lib/util.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOM = 128 << 10 }; /* bytes of words in one command */
static bool by_nul, by_line, trace, not_without;
static const char *place; /* -I */
static uint64_t words_max = 5000;
static char **fixed;
static int nfixed, status;

static void run(char **argv)
{
    if (trace) {
        for (char **a = argv; *a; a++)
            fprintf(stderr, "%s%s", a == argv ? "" : " ", *a);
        fputc('\n', stderr);
    }
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        execvp(argv[0], argv);
        warn_errno(argv[0]);
        _exit(errno == ENOENT ? 127 : 126);
    }
    int raw;
    if (waitpid(pid, &raw, 0) < 0)
        die("wait");
    int code = WIFEXITED(raw) ? WEXITSTATUS(raw) : 125;
    if (code == 126 || code == 127)
        exit(code);
    if (code == 255 || WIFSIGNALED(raw)) {
        warn_text(argv[0], code == 255 ? "exited with status 255; stopping" : "killed by a signal; stopping");
        exit(code == 255 ? 124 : 125);
    }
    if (code)
        status = 123;
}

static void add_byte(char **text, size_t *len, size_t *size, int c)
{
    if (*len + 1 >= *size) {
        *size = *size ? *size * 2 : 64;
        *text = realloc(*text, *size);
        if (!*text)
            die("xargs");
    }
    (*text)[(*len)++] = (char)c;
    (*text)[*len] = 0;
}

/* Until the same quote again. */
static void add_quoted(char **text, size_t *len, size_t *size, int quote)
{
    for (int c; (c = getchar()) != quote;) {
        if (c == EOF || c == '\n') {
            warn_text("input", "a quote is not closed");
            exit(1);
        }
        add_byte(text, len, size, c);
    }
}

/* The next word, malloc'd; NULL at the end. */
static char *next_word(void)
{
    char *text = NULL;
    size_t len = 0, size = 0;
    bool any = false;
    for (int c; (c = getchar()) != EOF;) {
        if (by_nul ? c == 0 : c == '\n' || (!by_line && isblank(c))) {
            if (any || by_nul)
                break;
            continue;
        }
        if (by_line && !any && isblank(c))
            continue;
        any = true;
        if (!by_nul && (c == '\'' || c == '"')) {
            add_quoted(&text, &len, &size, c);
            continue;
        }
        if (!by_nul && c == '\\' && (c = getchar()) == EOF)
            break;
        add_byte(&text, &len, &size, c);
    }
    return text || !any ? text : strdup("");
}

static char *replace(const char *text, const char *with)
{
    char *out = NULL;
    size_t len = 0, size = 0;
    while (*text) {
        bool here = strncmp(text, place, strlen(place)) == 0;
        for (const char *p = with; here && *p; p++)
            add_byte(&out, &len, &size, *p);
        if (here)
            text += strlen(place);
        else
            add_byte(&out, &len, &size, *text++);
    }
    return out ? out : strdup("");
}

static void run_each(void)
{
    char **argv = calloc((size_t)nfixed + 1, sizeof *argv);
    if (!argv)
        die("xargs");
    for (char *word; (word = next_word()); free(word)) {
        for (int i = 0; i < nfixed; i++)
            argv[i] = replace(fixed[i], word);
        run(argv);
        for (int i = 0; i < nfixed; i++)
            free(argv[i]);
    }
    free(argv);
}

static void run_many(void)
{
    char **argv = calloc((size_t)nfixed + words_max + 1, sizeof *argv);
    if (!argv)
        die("xargs");
    memcpy(argv, fixed, (size_t)nfixed * sizeof *argv);
    char *word = next_word();
    bool ran = !word && not_without;
    while (word || !ran) {
        uint64_t n = 0;
        for (size_t room = ROOM; word && n < words_max && (n == 0 || strlen(word) < room); word = next_word()) {
            room -= strlen(word) < room ? strlen(word) + 1 : room;
            argv[nfixed + (int)n++] = word;
        }
        argv[nfixed + (int)n] = NULL;
        run(argv);
        ran = true;
        while (n > 0)
            free(argv[nfixed + (int)--n]);
    }
    free(argv);
}

int main(int argc, char **argv)
{
    static char *echo[] = { "echo", NULL };
    tool_init(argv, "usage: xargs [-0rt] [-n WORDS] [-I PLACE] [COMMAND [ARGUMENT...]]\nRun COMMAND (echo) with the words of standard input as more arguments.\n-0: words end with a zero byte, -r: not without words, -t: print commands first,\n-n: at most so many at once, -I: once for each line, which replaces PLACE.\n");
    for (int c; (c = getopt(argc, argv, "+0rtn:I:")) != -1;) {
        if (c == '?' || (c == 'n' && (!parse_u64(optarg, &words_max) || words_max == 0 || words_max > 100000)))
            die_usage();
        by_nul |= c == '0', not_without |= c == 'r', trace |= c == 't';
        place = c == 'I' ? optarg : place;
    }
    by_line = place != NULL;
    if (place && !*place)
        die_usage();
    fixed = optind < argc ? argv + optind : echo;
    nfixed = optind < argc ? argc - optind : 1;
    if (place)
        run_each();
    else
        run_many();
    return status;
}
