/* xargs: run a command with words from standard input. */
#include "../lib/options.h"
#include "../lib/util.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY_AT_ONCE = 1000 }; /* -P 0 */
enum { ROOM = 128 << 10 }; /* bytes of words in one command */
static size_t room_max = ROOM;
static bool by_line, trace, not_without;
static int delimiter = -1; /* -0, -d: nothing else means anything */
static const char *end_word; /* -E */
static bool line_ended;      /* with the word that was read last */
static const char *place; /* -I */
static uint64_t words_max = 5000, lines_max, at_once = 1, running;
static char **fixed;
static int nfixed, status;

/* Judges how a command ended; some ends stop everything. */
static void wait_for_one(const char *name)
{
    int raw;
    if (wait(&raw) < 0)
        die("wait");
    running--;
    int code = WIFEXITED(raw) ? WEXITSTATUS(raw) : 125;
    if (code == 126 || code == 127)
        exit(code);
    if (code == 255 || WIFSIGNALED(raw)) {
        warn_text(name, code == 255 ? "exited with status 255; stopping" : "killed by a signal; stopping");
        exit(code == 255 ? 124 : 125);
    }
    if (code)
        status = 123;
}

static void run(char **argv)
{
    if (trace) {
        for (char **a = argv; *a; a++)
            fprintf(stderr, "%s%s", a == argv ? "" : " ", *a);
        fputc('\n', stderr);
    }
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        dup2(null, 0); /* the words are ours */
        execvp(argv[0], argv);
        warn_errno(argv[0]);
        _exit(errno == ENOENT ? 127 : 126);
    }
    running++;
    while (running >= (at_once ? at_once : MANY_AT_ONCE))
        wait_for_one(argv[0]);
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

static bool ends_word(int c)
{
    return delimiter >= 0 ? c == delimiter : c == '\n' || (!by_line && isblank(c));
}

/* A newline ends a line of -L, unless a blank stands before it (XCU, xargs). */
static bool ends_line(int c)
{
    static int before;
    bool ends = c == '\n' && !isblank(before);
    before = c;
    return ends;
}

/* The next word, malloc'd; NULL at the end. */
static char *next_word(void)
{
    char *text = NULL;
    size_t len = 0, size = 0;
    bool any = false, plain = delimiter < 0;
    line_ended = false;
    for (int c; (c = getchar()) != EOF;) {
        bool newline = ends_line(c);
        if (ends_word(c)) {
            line_ended = newline;
            if (any || !plain)
                break;
            continue;
        }
        if (by_line && plain && !any && isblank(c))
            continue;
        any = true;
        if (plain && (c == '\'' || c == '"')) {
            add_quoted(&text, &len, &size, c);
            continue;
        }
        if (plain && c == '\\' && (c = getchar()) == EOF)
            break;
        add_byte(&text, &len, &size, c);
    }
    if (!text && (any || (!plain && !feof(stdin))))
        text = strdup("");
    if (text && end_word && strcmp(text, end_word) == 0) {
        free(text);
        return NULL;
    }
    return text;
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

/* What -s leaves for words: its bytes are those of the whole command, each with an end. */
static size_t room_for_words(void)
{
    size_t taken = 0;
    for (int i = 0; i < nfixed && room_max != ROOM; i++)
        taken += strlen(fixed[i]) + 1;
    return taken < room_max ? room_max - taken : 1;
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
        uint64_t n = 0, lines = 0;
        for (size_t room = room_for_words(); word && n < words_max && (n == 0 || strlen(word) < room) &&
             (!lines_max || lines < lines_max);) {
            room -= strlen(word) < room ? strlen(word) + 1 : room;
            argv[nfixed + (int)n++] = word;
            lines += line_ended;
            word = next_word();
        }
        argv[nfixed + (int)n] = NULL;
        run(argv);
        ran = true;
        while (n > 0)
            free(argv[nfixed + (int)--n]);
    }
    free(argv);
}

static int one_character(const char *text)
{
    if (text[0] == '\\' && text[1] && !text[2])
        return text[1] == 'n' ? '\n' : text[1] == 't' ? '\t' : text[1] == '0' ? 0 : text[1];
    if (!text[0] || text[1])
        die_usage();
    return (unsigned char)text[0];
}

int main(int argc, char **argv)
{
    static char *echo[] = { "echo", NULL };
    static const char letters[] = "+0rtd:E:a:n:L:I:P:s:";
    tool_init(argv, "usage: xargs [-0rt] [-d CHAR] [-E WORD] [-a FILE] [-n WORDS | -L LINES | -I PLACE] [-P N] [-s BYTES] [COMMAND [ARGUMENT...]]\n"
                    "Run COMMAND (echo) with the words of standard input as more arguments.\n"
                    "  -n, -L   at most so many words, lines at once;  -I  once for each line, which replaces PLACE\n"
                    "  -P N     so many commands side by side (0: as many as there are)\n"
                    "  -0, -d   words end with a zero byte, with CHAR;  -E  WORD ends the input;  -a  words from FILE\n"
                    "  -s BYTES no longer commands;  -r  not without words;  -t  print commands first\n");
    options_arrange(argc, argv, letters,
                    "null=0 no-run-if-empty=r verbose=t delimiter=d arg-file=a max-args=n max-lines=L "
                    "replace=I max-procs=P max-chars=s");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        uint64_t number = 1;
        if (c == '?' || (strchr("nLPs", c) && (!parse_u64(optarg, &number) || (number == 0 && c != 'P') || number > 1000000)))
            die_usage();
        not_without |= c == 'r', trace |= c == 't';
        switch (c) {
        case '0': delimiter = 0; break;
        case 'd': delimiter = one_character(optarg); break;
        case 'E': end_word = *optarg ? optarg : NULL; break;
        case 'I': place = optarg; break;
        case 'n': words_max = number < 100000 ? number : 100000, lines_max = 0; break;
        case 'L': lines_max = number; break;
        case 'P': at_once = number; break;
        case 's': room_max = number < ROOM ? number : ROOM; break;
        case 'a':
            if (!freopen(optarg, "r", stdin))
                die(optarg);
        }
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
    while (running)
        wait_for_one(fixed[0]);
    return status;
}
