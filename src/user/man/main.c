/* man: what a program does, in its own words (--help), and what a system call does here (from the table the kernel is
 * built from). Pages are made when they are asked for: they cannot grow old. */
#include "../lib/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "man_calls.inc"

enum { CALLS = sizeof calls / sizeof *calls };

static const char *state_text(const char *state)
{
    if (strcmp(state, "done") == 0)
        return "Works as on Linux: its manual holds.";
    if (strcmp(state, "partial") == 0)
        return "Works as on Linux, but for this:";
    return "Is not there: it answers ENOSYS (function not implemented).";
}

static int find_call(const char *name)
{
    for (int i = 0; i < CALLS; i++)
        if (calls[i].name && strcmp(calls[i].name, name) == 0)
            return i;
    return -1;
}

static void show_call(int i)
{
    printf("%s - system call %d\n\nARGUMENTS\n    %s\n\nHERE\n    %s\n", calls[i].name, i,
           calls[i].kinds ? *calls[i].kinds ? calls[i].kinds : "none" : "see Linux's manual", state_text(calls[i].state));
    if (*calls[i].remark)
        printf("    %s\n", calls[i].remark);
    printf("\n"
           "SEE ALSO\n"
           "    trace -e %s PROGRAM shows the calls a program makes;\n"
           "    compat shows those that failed it.\n", calls[i].name);
}

/* Where the shell would find it; NULL: nowhere. Static. */
static const char *find_program(const char *name)
{
    static char path[4096];
    const char *at = getenv("PATH");
    for (at = at ? at : "/bin:/sbin"; !strchr(name, '/') && *at; at += strcspn(at, ":"), at += *at == ':') {
        snprintf(path, sizeof path, "%.*s/%s", (int)strcspn(at, ":"), at, name);
        if (access(path, X_OK) == 0)
            return path;
    }
    return NULL;
}

enum { FULL_LINE = 70 }; /* a line as long as this goes on in the next */

static bool is_prose(const char *line)
{
    return *line && *line != ' ' && *line != '\t' && strncmp(line, "usage:", 6) != 0;
}

static bool is_headed(const char *line)
{
    size_t word = strcspn(line, " ");
    return word > 1 && *line >= 'A' && *line <= 'Z' && line[word - 1] == ':';
}

/* A line too long for the screen is broken between words; of usage and lists what is broken off stands further in. */
static void put_wrapped(const char *line, size_t width)
{
    size_t margin = strspn(line, " "), hang = is_prose(line) ? 0 : 2;
    line += margin;
    for (bool first = true;; first = false) {
        size_t room = width > margin + 20 ? width - margin : 20, cut = room;
        bool fits = strlen(line) <= room;
        while (!fits && cut > 0 && line[cut] != ' ')
            cut--;
        if (fits || cut == 0)
            break;
        printf("%*s%.*s\n", (int)margin, "", (int)cut, line);
        line += cut + strspn(line + cut, " ");
        margin += first ? hang : 0;
    }
    printf("%*s%s\n", *line ? (int)margin : 0, "", line);
}

static size_t screen_width(void)
{
    struct winsize size;
    return ioctl(0, TIOCGWINSZ, &size) == 0 && size.ws_col > 40 ? size.ws_col : 80;
}

/* Prose that was broken for another width is one paragraph again. */
static void put_help(FILE *words, size_t width)
{
    char *line = NULL, *paragraph = NULL;
    size_t room = 0, len = 0, last = 0;
    for (ssize_t n; (n = getline(&line, &room, words)) > 0;) {
        line[n -= line[n - 1] == '\n'] = 0;
        bool goes_on = paragraph && last >= FULL_LINE && is_prose(paragraph) && is_prose(line) && !is_headed(line);
        if (paragraph && !goes_on) {
            put_wrapped(paragraph, width);
            len = 0;
        }
        char *grown = realloc(paragraph, len + (size_t)n + 2);
        if (!grown)
            die("memory");
        paragraph = grown;
        len += (size_t)sprintf(paragraph + len, goes_on ? " %s" : "%s", line);
        last = (size_t)n;
    }
    if (paragraph)
        put_wrapped(paragraph, width);
    free(paragraph);
    free(line);
}

/* The program's own words. False: it has none. */
static bool show_program(const char *name)
{
    const char *path = find_program(name);
    int status = 1, ends[2];
    if (!path)
        return false;
    if (pipe(ends) < 0)
        die(name);
    printf("%s - program, %s\n\n", name, path);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        close(0);
        const char *speaker = strcmp(name, "test") == 0 ? "[" : name; /* to test, --help is a text like any other */
        execl(path, speaker, "--help", (char *)NULL);
        _exit(127);
    }
    if (pid < 0)
        die(name);
    close(ends[1]);
    FILE *words = fdopen(ends[0], "r");
    if (words) {
        put_help(words, screen_width());
        fclose(words);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) && WEXITSTATUS(status) != 127;
}

static bool show(const char *section, const char *name)
{
    int call = find_call(name);
    bool want_call = section && *section == '2', shown = !want_call && show_program(name);
    if (call >= 0 && (want_call || !section)) {
        if (shown)
            puts("\n----\n");
        show_call(call);
        return true;
    }
    return shown;
}

static int search(const char *word)
{
    int found = 0;
    for (int i = 0; i < CALLS; i++)
        if (calls[i].name && (strcasestr(calls[i].name, word) || strcasestr(calls[i].remark, word)))
            found += printf("%-24s system call %d, %s\n", calls[i].name, i, calls[i].state) > 0;
    if (!found)
        warn_text(word, "no system call of this name or remark");
    return found ? 0 : 1;
}

/* On a terminal through less; what it shows ends when we do. */
static pid_t start_pager(void)
{
    int ends[2];
    if (!isatty(1) || pipe(ends) < 0)
        return 0;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[0], 0);
        close(ends[0]);
        close(ends[1]);
        execlp("less", "less", (char *)NULL);
        execlp("cat", "cat", (char *)NULL);
        _exit(127);
    }
    if (pid > 0)
        dup2(ends[1], 1);
    close(ends[0]);
    close(ends[1]);
    return pid > 0 ? pid : 0;
}

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    tool_init(argv, "usage: man [1|2] NAME\n"
                    "       man -k WORD\n"
                    "Tell about a program (1) or a system call (2). -k: search the system calls.\n");
    int index = parse_flags(argc, argv, "k", have);
    const char *section = argc - index == 2 && !have['k'] ? argv[index++] : NULL;
    if (argc - index != 1 || (section && strcmp(section, "1") != 0 && strcmp(section, "2") != 0))
        die_usage();
    if (have['k'])
        return search(argv[index]) | flush_output();
    const char *name = argv[index];
    bool known = find_call(name) >= 0 ? !section || *section == '2' || find_program(name)
                                      : find_program(name) && (!section || *section == '1');
    if (!known) {
        warn_text(name, "there is no page; help shows what there is");
        return 1;
    }
    pid_t pager = start_pager();
    bool shown = show(section, name);
    int status = flush_output() | !shown;
    if (pager) {
        close(1);
        while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    return status;
}
