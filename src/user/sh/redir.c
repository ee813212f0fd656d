/* Redirections. Applied in the shell itself they are undone from copies kept above descriptor 9,
 * close-on-exec, so that no program ever sees them. */
#include "sh.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_MIN = 10 };

/* What is redirected right now, the newest last: each command's own are the topmost, as many as its saved_fds
 * counts. A way out that passes commands over (an error, the end) finds all of them here. */
static struct active {
    int fd, copy; /* copy -1: it was closed */
} *active;
static int nactive, active_room;

static void push_active(int fd, int copy)
{
    if (nactive == active_room) {
        struct active *larger = xmalloc(((size_t)active_room * 2 + 16) * sizeof *larger);
        if (nactive)
            memcpy(larger, active, (size_t)nactive * sizeof *larger);
        free(active);
        active = larger;
        active_room = active_room * 2 + 16;
    }
    active[nactive++] = (struct active){ fd, copy };
}

static int save_fd(struct saved_fds *saved, int fd)
{
    for (int i = nactive - saved->count; i < nactive; i++)
        if (active[i].fd == fd)
            return 0;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, COPY_MIN);
    if (copy < 0 && errno != EBADF) {
        shell_error("%d: %s", fd, strerror(errno));
        return -1;
    }
    push_active(fd, copy);
    saved->count++;
    return 0;
}

static void put_back(int fd, int copy)
{
    if (copy >= 0) {
        dup2(copy, fd);
        close(copy);
    } else {
        close(fd);
    }
}

static void restore_top(void)
{
    nactive--;
    put_back(active[nactive].fd, active[nactive].copy);
}

void redirs_restore(struct saved_fds *saved)
{
    fflush(stdout);
    for (; saved->count > 0; saved->count--)
        restore_top();
}

void redirs_keep(struct saved_fds *saved)
{
    for (; saved->count > 0; saved->count--)
        if (active[--nactive].copy >= 0)
            close(active[nactive].copy);
}

void redirs_restore_all(void)
{
    fflush(stdout);
    while (nactive > 0)
        restore_top();
}

void redirs_forget(void)
{
    nactive = 0;
}

/* The body goes through a pipe: a child writes it, so that no size can block us. */
static int open_here(const struct redir *redir)
{
    int ends[2];
    const char *body = redir->literal ? redir->target : expand_here(redir->target);
    size_t len = strlen(body);
    if (pipe(ends) < 0)
        return -1;
    if (len <= 4096) { /* fits into any pipe */
        ssize_t n = write(ends[1], body, len);
        close(ends[1]);
        return n == (ssize_t)len ? ends[0] : -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGPIPE, SIG_DFL);
        close(ends[0]);
        while (len > 0) {
            ssize_t n = write(ends[1], body, len);
            if (n <= 0)
                _exit(1);
            body += n;
            len -= (size_t)n;
        }
        _exit(0);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return -1;
    }
    return ends[0];
}

static int open_flags(enum redir_op op)
{
    switch (op) {
    case REDIR_IN: return O_RDONLY;
    case REDIR_APPEND: return O_WRONLY | O_CREAT | O_APPEND;
    case REDIR_RDWR: return O_RDWR | O_CREAT;
    default: return O_WRONLY | O_CREAT | O_TRUNC;
    }
}

/* set -C: `>` makes files, and writes to what is no regular file, but never over one (XCU 2.7.2). */
static int open_noclobber(const char *path)
{
    struct stat st;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd >= 0 || errno != EEXIST)
        return fd;
    fd = open(path, O_WRONLY);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        close(fd);
        errno = EEXIST;
        fd = -1;
    }
    return fd;
}

static int open_target(const struct redir *redir, const char *target)
{
    if (redir->op == REDIR_HERE)
        return open_here(redir);
    if (redir->op == REDIR_OUT && shell.opt[OPT_NOCLOBBER])
        return open_noclobber(target);
    return open(target, open_flags(redir->op), 0666);
}

/* n<&m and n>&m and n>&- */
static int apply_dup(const struct redir *redir)
{
    const char *target = expand_single(redir->target);
    if (strcmp(target, "-") == 0) {
        close(redir->fd);
        return 0;
    }
    if (!isdigit((unsigned char)*target) || target[strspn(target, "0123456789")]) {
        shell_error("%s: bad descriptor number", target);
        return -1;
    }
    int from = atoi(target);
    if (from == redir->fd ? fcntl(from, F_GETFD) < 0 : dup2(from, redir->fd) < 0) {
        shell_error("%s: %s", target, strerror(errno));
        return -1;
    }
    return 0;
}

static int apply_open(const struct redir *redir)
{
    const char *target = redir->op == REDIR_HERE ? "here-document" : expand_single(redir->target);
    int fd = open_target(redir, target);
    if (fd < 0) {
        bool creating = redir->op != REDIR_IN;
        shell_error("cannot %s %s: %s", creating ? "create" : "open", target, strerror(errno));
        return -1;
    }
    if (fd != redir->fd) {
        int error = dup2(fd, redir->fd) < 0;
        close(fd);
        if (error) {
            shell_error("%d: %s", redir->fd, strerror(errno));
            return -1;
        }
    }
    return 0;
}

int redirs_apply(const struct redir *redirs, struct saved_fds *saved)
{
    fflush(stdout);
    for (; redirs; redirs = redirs->next) {
        if (save_fd(saved, redirs->fd) < 0)
            return -1;
        bool dup = redirs->op == REDIR_DUP_IN || redirs->op == REDIR_DUP_OUT;
        if ((dup ? apply_dup(redirs) : apply_open(redirs)) < 0)
            return -1;
    }
    return 0;
}
