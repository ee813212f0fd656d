/* A file of /proc as text. */
#pragma once
#include <fcntl.h>
#include <unistd.h>

static char text[65536];

/* All of the file; "" if it cannot be had. Until the next call. */
static const char *text_of(const char *path)
{
    int fd = open(path, O_RDONLY);
    size_t n = 0;
    for (ssize_t got; fd >= 0 && n < sizeof text - 1 && (got = read(fd, text + n, sizeof text - 1 - n)) > 0;)
        n += (size_t)got;
    if (fd >= 0)
        close(fd);
    text[n] = 0;
    return text;
}
