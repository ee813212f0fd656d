/* A file that may be gzip's (RFC 1952), read or written as a stream; zlib does the work, this the files. What is not
 * compressed is read as it is. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <zlib.h>

enum { GZ_BUFFER = 1 << 16 };

struct gz {
    int fd;
    bool writing, plain, ended;
    z_stream z;
    const char *why; /* of the last failure */
    unsigned char buffer[GZ_BUFFER];
};

/* Takes the descriptor over. level 1 to 9; 0: plain. NULL: no memory. */
struct gz *gz_open_read(int fd);
struct gz *gz_open_write(int fd, int level);
/* len, or less at the end; -1: see why. */
long gz_read(struct gz *gz, void *out, size_t len);
int gz_write(struct gz *gz, const void *data, size_t len); /* 0 or -1 */
int gz_close(struct gz *gz, const char **why);             /* 0 or -1; frees it either way */
