/* tee: copy standard input to standard output and to files. */
#include "../lib/options.h"
#include "../lib/util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    static char piece[1 << 16];
    bool have[128] = { 0 };
    int status = 0;
    static const char letters[] = "ai";
    tool_init(argv, "usage: tee [-ai] [FILE...]\n"
                    "Copy standard input to standard output and to the files.\n"
                    "-a: append to them, -i: go on after an interrupt (Ctrl-C).\n");
    options_arrange(argc, argv, letters, "append=a ignore-interrupts=i");
    int index = parse_flags(argc, argv, letters, have), n = argc - index + 1;
    if (have['i'])
        signal(SIGINT, SIG_IGN);
    int *fds = calloc((size_t)n, sizeof *fds);
    if (!fds)
        die("tee");
    fds[0] = 1;
    for (int i = 1; i < n; i++) {
        fds[i] = open(argv[index + i - 1], O_WRONLY | O_CREAT | O_CLOEXEC | (have['a'] ? O_APPEND : O_TRUNC), 0666);
        if (fds[i] < 0) {
            warn_errno(argv[index + i - 1]);
            status = 1;
        }
    }
    ssize_t len;
    while ((len = read(0, piece, sizeof piece)) > 0 || (len < 0 && errno == EINTR)) {
        for (int i = 0; i < n && len > 0; i++) {
            if (fds[i] < 0 || full_write(fds[i], piece, (size_t)len) == 0)
                continue;
            warn_errno(i ? argv[index + i - 1] : "standard output");
            status = 1;
            fds[i] = -1; /* the others still get it */
        }
    }
    if (len < 0)
        die("standard input");
    return status;
}
