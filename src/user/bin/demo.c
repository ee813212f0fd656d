/* demo: several processes at once, visibly. Each worker is a process that computes by itself and tells how far it is
 * through a pipe; one draws. Any key ends it, and nothing is left behind. */
#include "../lib/cells.h"
#include "../lib/terminal.h"
#include "../lib/util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = 16, WORKERS = 6, FRAME_MS = 100, GOAL = 2000000, LABEL = 34, BLOCK = 1000, REPORT = 512 };

struct worker { pid_t pid; int pipe; unsigned primes, looked_at; };
static struct worker workers[WORKERS_MAX];
static int nworkers = WORKERS;

static bool is_prime(unsigned n)
{
    for (unsigned d = 3; d * d <= n; d += 2)
        if (n % d == 0)
            return false;
    return n > 2 && n % 2;
}

/* Counts the primes of its share for ever; the pipe's end is the end of it. Blocks are dealt in turn, since of
 * every sixth number it is all of them or none. */
static void work(int out, unsigned share)
{
    unsigned counts[2], since = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    for (;;) {
        counts[0] = 0;
        for (unsigned n = share * BLOCK; n < GOAL; n += n % BLOCK == BLOCK - 1 ? ((unsigned)nworkers - 1) * BLOCK + 1 : 1) {
            counts[0] += is_prime(n);
            counts[1] = n;
            if (++since % REPORT == 0 && full_write(out, counts, sizeof counts) < 0)
                _exit(1);
        }
    }
}

static void start(int i)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        die("pipe");
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        close(ends[0]);
        work(ends[1], (unsigned)i);
    }
    close(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    workers[i] = (struct worker){ .pid = pid, .pipe = ends[0] };
}

static void stop(void)
{
    for (int i = 0; i < nworkers; i++) {
        kill(workers[i].pid, SIGKILL);
        close(workers[i].pipe);
    }
    while (wait(NULL) > 0 || errno == EINTR)
        ;
}

static void listen_to(struct worker *worker)
{
    unsigned counts[512][2];
    ssize_t n; /* written whole: 8 bytes are never divided (POSIX, write) */
    while ((n = read(worker->pipe, counts, sizeof counts)) >= (ssize_t)sizeof counts[0]) {
        worker->primes = counts[n / (ssize_t)sizeof counts[0] - 1][0];
        worker->looked_at = counts[n / (ssize_t)sizeof counts[0] - 1][1];
    }
}

static void draw_worker(unsigned row, int i)
{
    static struct cells cells;
    static const char *const colours[] = { "\033[35m", "\033[36m", "\033[32m", "\033[33m", "\033[31m", "\033[34m" };
    const struct worker *worker = &workers[i];
    char label[64];
    unsigned room = terminal.columns > LABEL + 4 ? terminal.columns - LABEL - 1 : 1;
    unsigned done = (unsigned)((double)worker->looked_at / GOAL * room);
    int n = snprintf(label, sizeof label, "process %-6d %8u primes   ", (int)worker->pid, worker->primes);
    cells_begin(&cells, 0, terminal.columns);
    cells_put_text(&cells, label, (size_t)n);
    cells_style(&cells, colours[i % 6]);
    for (unsigned x = 0; x < room; x++)
        cells_put_text(&cells, x < done ? "█" : "·", x < done ? 3 : 2);
    terminal_row(row, cells.text, cells.len);
}

static void draw(unsigned frames)
{
    static const char spinner[] = "|/-\\";
    char text[128];
    int n = snprintf(text, sizeof text, "%d processes count primes, each by itself, and one draws  %c", nworkers,
                     spinner[frames % 4]);
    terminal_row(0, text, (size_t)n < terminal.columns ? (size_t)n : terminal.columns);
    for (int i = 0; i < nworkers && (unsigned)i + 3 < terminal.rows; i++)
        draw_worker((unsigned)i + 2, i);
    n = snprintf(text, sizeof text, "any key ends it");
    terminal_row(terminal.rows - 1, text, (size_t)n);
    terminal_flush();
}

int main(int argc, char **argv)
{
    uint64_t wanted = WORKERS;
    tool_init(argv, "usage: demo [NUMBER]\n"
                    "Several processes (6) at once, each computing by itself; any key ends them.\n");
    if (argc > 2 || (argc == 2 && (!parse_u64(argv[1], &wanted) || wanted < 1 || wanted > WORKERS_MAX)))
        die_usage();
    nworkers = (int)wanted;
    for (int i = 0; i < nworkers; i++)
        start(i);
    if (!terminal_open()) {
        stop();
        warn_text("terminal", "there is none");
        return 1;
    }
    terminal_cursor_hide();
    unsigned key = KEY_NONE;
    for (unsigned frames = 0; key == KEY_NONE || key == KEY_RESIZED; frames++) {
        for (int i = 0; i < nworkers; i++)
            listen_to(&workers[i]);
        draw(frames);
        key = terminal_key_within(FRAME_MS);
    }
    terminal_close();
    stop();
    printf("%d processes were started and have ended.\n", nworkers);
    return flush_output();
}
