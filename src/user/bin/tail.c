/* tail: the last lines or bytes, or all from one on; -f waits for more.
 *
 * What could be the end is held in memory while reading, so that pipes work too; a regular file is read from near its
 * end, which is looked for backwards. */
#include "../lib/counts.h"
#include "../lib/options.h"
#include "../lib/util.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 64 << 10 };

static bool bytes, from_start, follow, by_name;
static uint64_t count = 10;

static void put(const char *data, size_t len)
{
    if (full_write(1, data, len) < 0)
        die("write error");
}

/* Everything from the count-th line or byte on. */
static int put_from(int fd, const char *name)
{
    static char data[BLOCK];
    uint64_t skip = count ? count - 1 : 0;
    ssize_t n;
    while ((n = read(fd, data, sizeof data)) > 0) {
        size_t at = 0;
        if (bytes) {
            at = skip < (uint64_t)n ? (size_t)skip : (size_t)n;
            skip -= at;
        }
        for (; !bytes && skip > 0 && at < (size_t)n; at++)
            skip -= data[at] == '\n';
        put(data + at, (size_t)n - at);
    }
    if (n < 0)
        warn_errno(name);
    return n < 0;
}

/* Where the last `count` lines or bytes begin. */
static size_t start_of_last(const char *data, size_t len)
{
    if (bytes)
        return len > count ? len - (size_t)count : 0;
    uint64_t left = count;
    size_t at = len;
    if (left == 0)
        return len;
    if (at > 0 && data[at - 1] == '\n')
        at--;
    for (; at > 0; at--)
        if (data[at - 1] == '\n' && --left == 0)
            return at;
    return 0;
}

static int put_last(int fd, const char *name)
{
    char *held = NULL;
    size_t len = 0, room = 0;
    ssize_t n;
    for (;; len += (size_t)n) {
        if (room - len < BLOCK) {
            size_t drop = len ? start_of_last(held, len) : 0; /* what can no longer be the end */
            if (drop)
                memmove(held, held + drop, len -= drop);
            room = room - len < BLOCK ? room * 2 + BLOCK : room;
            held = realloc(held, room);
            if (!held)
                die(name);
        }
        n = read(fd, held + len, BLOCK);
        if (n <= 0)
            break;
    }
    size_t start = start_of_last(held, len);
    put(held + start, len - start);
    free(held);
    if (n < 0)
        warn_errno(name);
    return n < 0;
}

/* A large file is not read from its start: back from the end, until enough newlines or bytes lie behind. */
static void seek_near_end(int fd)
{
    static char data[BLOCK];
    struct stat st;
    if (from_start || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || lseek(fd, 0, SEEK_CUR) != 0)
        return;
    off_t at = st.st_size;
    uint64_t seen = 0;
    if (bytes)
        at = (uint64_t)at > count ? at - (off_t)count : 0;
    while (!bytes && at > 0 && seen <= count) {
        size_t size = at < BLOCK ? (size_t)at : BLOCK;
        at -= (off_t)size;
        ssize_t n = pread(fd, data, size, at);
        for (ssize_t i = 0; i < n; i++)
            seen += data[i] == '\n';
        if (n <= 0)
            at = 0;
    }
    lseek(fd, at, SEEK_SET);
}

static int put_file(int fd, const char *name)
{
    if (from_start)
        return put_from(fd, name);
    seek_near_end(fd);
    return put_last(fd, name);
}

struct followed { const char *path; int fd; };

/* A file that became shorter is read from its start again; -F also looks for another file of the name. */
static bool put_news(struct followed *f, bool headings, const struct followed **last)
{
    static char data[BLOCK];
    struct stat st, named;
    bool any = false;
    if (by_name && stat(f->path, &named) == 0 &&
        (f->fd < 0 || (fstat(f->fd, &st) == 0 && (st.st_ino != named.st_ino || st.st_dev != named.st_dev)))) {
        int fd = open(f->path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            if (f->fd >= 0)
                close(f->fd);
            f->fd = fd;
        }
    }
    if (f->fd >= 0 && fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode) && lseek(f->fd, 0, SEEK_CUR) > st.st_size) {
        warn_text(f->path, "became shorter");
        lseek(f->fd, 0, SEEK_SET);
    }
    for (ssize_t n; f->fd >= 0 && (n = read(f->fd, data, sizeof data)) > 0; any = true) {
        if (headings && *last != f) {
            heading(f->path, true);
            fflush(stdout);
        }
        *last = f;
        put(data, (size_t)n);
    }
    return any;
}

static void follow_files(struct followed *files, int n, bool headings)
{
    const struct followed *last = n ? &files[n - 1] : NULL;
    struct timespec pause = { .tv_nsec = 200000000 };
    for (;;) {
        bool any = false;
        for (int i = 0; i < n; i++)
            any |= put_news(&files[i], headings, &last);
        if (!any)
            nanosleep(&pause, NULL);
    }
}

static void take_count(const char *text, bool is_bytes)
{
    bytes = is_bytes;
    from_start = *text == '+';
    if (!parse_count(text + (*text == '-' || *text == '+'), &count)) {
        warn_text(text, "not a number");
        exit(1);
    }
}

static int show(struct followed *files, int n, bool headings)
{
    int status = 0, kept = 0;
    for (int i = 0; i < n; i++) {
        bool standard = strcmp(files[i].path, "-") == 0;
        files[i].fd = standard ? 0 : open(files[i].path, O_RDONLY | O_CLOEXEC);
        if (files[i].fd < 0) {
            warn_errno(files[i].path);
            status = 1;
        } else {
            heading(files[i].path, headings);
            fflush(stdout);
            status |= put_file(files[i].fd, files[i].path);
        }
        kept += files[i].fd >= 0 || by_name;
        if (!follow && files[i].fd > 0)
            close(files[i].fd);
    }
    if (follow && kept)
        follow_files(files, n, headings);
    return status;
}

int main(int argc, char **argv)
{
    static char *standard[] = { "-" };
    bool quiet = false, always = false;
    static const char letters[] = "n:c:fFqv";
    tool_init(argv, "usage: tail [-n LINES | -c BYTES] [-fFqv] [FILE...]\n"
                    "Print the last lines (10) or bytes; -n +5: all from the fifth on.\n"
                    "-f: then wait for more, -F: also for another file of that name, -q: never the files' names, -v: always.\n");
    obsolete_count(&argc, argv, 'n');
    options_arrange(argc, argv, letters, "lines=n bytes=c follow=f quiet=q silent=q verbose=v");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        switch (c) {
        case 'n':
        case 'c': take_count(optarg, c == 'c'); break;
        case 'F': by_name = true; /* fall through */
        case 'f': follow = true; break;
        case 'q': quiet = true; break;
        case 'v': always = true; break;
        default: die_usage();
        }
    }
    char **paths = optind < argc ? argv + optind : standard;
    int n = optind < argc ? argc - optind : 1;
    struct followed *files = calloc((size_t)n, sizeof *files);
    if (!files)
        die("tail");
    for (int i = 0; i < n; i++)
        files[i] = (struct followed){ paths[i], -1 };
    int status = show(files, n, always || (n > 1 && !quiet));
    free(files);
    return flush_output() | status;
}
