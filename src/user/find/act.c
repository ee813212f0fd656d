/* find: what may be done with a file. See find.h. */
#include "find.h"

#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

bool do_print(const struct node *n, const struct item *at)
{
    fputs(at->path, stdout);
    putchar(n->letter);
    return true;
}

bool do_printf(const struct node *n, const struct item *at) { return print_format(n->text, at), true; }
bool do_list(const struct node *n, const struct item *at) { return (void)n, print_long(at), true; }
bool do_prune(const struct node *n, const struct item *at) { return (void)n, (void)at, pruned = true; }
bool do_quit(const struct node *n, const struct item *at) { return (void)n, (void)at, quit = true; }

bool do_delete(const struct node *n, const struct item *at)
{
    (void)n;
    if (strcmp(at->path, ".") == 0 || (S_ISDIR(at->st.st_mode) ? rmdir(at->path) : unlink(at->path)) == 0)
        return true;
    warn_errno(at->path);
    status = 1;
    return false;
}

static int run(char **argv)
{
    int raw = -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[0], argv);
        warn_errno(argv[0]);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &raw, 0) < 0)
        die(argv[0]);
    return raw;
}

static char *with_path(const char *text, const char *path)
{
    size_t times = 0;
    for (const char *p = text; (p = strstr(p, "{}")); p += 2)
        times++;
    char *out = malloc(strlen(text) + times * strlen(path) + 1), *to = out;
    if (!out)
        die("find");
    while (*text) {
        if (strncmp(text, "{}", 2) == 0) {
            to = stpcpy(to, path);
            text += 2;
        } else {
            *to++ = *text++;
        }
    }
    *to = 0;
    return out;
}

static bool confirmed(char **argv)
{
    char answer[16] = "";
    fflush(stdout);
    fprintf(stderr, "< %s ... >? ", argv[0]);
    return fgets(answer, sizeof answer, stdin) && (*answer == 'y' || *answer == 'Y');
}

bool do_exec(const struct node *n, const struct item *at)
{
    char **argv = calloc((size_t)n->argc + 1, sizeof *argv);
    if (!argv)
        die("find");
    for (int i = 0; i < n->argc; i++)
        argv[i] = with_path(n->argv[i], at->path);
    bool good = (n->letter != 'o' || confirmed(argv)) && run(argv) == 0;
    for (int i = 0; i < n->argc; i++)
        free(argv[i]);
    free(argv);
    return good;
}

/* -exec ... + : paths are collected and given to few runs. */
enum { BATCH = 1000 };
static struct batch { const struct node *of; char *path[BATCH]; int n; struct batch *next; } *batches;

static void batch_run(struct batch *b)
{
    char **argv = calloc((size_t)(b->of->argc + b->n + 1), sizeof *argv);
    if (!argv)
        die("find");
    memcpy(argv, b->of->argv, (size_t)b->of->argc * sizeof *argv);
    memcpy(argv + b->of->argc, b->path, (size_t)b->n * sizeof *argv);
    if (b->n && run(argv) != 0)
        status = 1;
    while (b->n > 0)
        free(b->path[--b->n]);
    free(argv);
}

bool do_exec_batch(const struct node *n, const struct item *at)
{
    struct batch *b = batches;
    while (b && b->of != n)
        b = b->next;
    if (!b) {
        if (!(b = calloc(1, sizeof *b)))
            die("find");
        b->of = n, b->next = batches, batches = b;
    }
    b->path[b->n++] = strdup(at->path);
    if (b->n == BATCH)
        batch_run(b);
    return true;
}

void batches_end(void)
{
    for (struct batch *b = batches; b; b = b->next)
        batch_run(b);
}
