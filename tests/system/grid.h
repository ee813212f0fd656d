/* One call with many arguments, one line: the answers, each with the arguments that got it.
 *
 * A row is a call, a column an argument (a path, an offset, a kind of descriptor). What answers alike stands together,
 * so that thousands of calls are read in a screen or two, and a difference from Linux names its column. */
#pragma once
#include "check.h"

#include <sys/mman.h>

enum { GRID_COLUMNS = 64 };

struct grid_row {
    const char *call;
    int columns;
    const char *names[GRID_COLUMNS];
    long answers[GRID_COLUMNS]; /* -errno when it failed */
};

static inline const char *error_name(int error)
{
    static const struct { int error; const char *name; } table[] = {
#define NAMED(e) { e, #e }
        NAMED(EPERM), NAMED(ENOENT), NAMED(ESRCH), NAMED(EINTR), NAMED(EIO), NAMED(ENXIO), NAMED(E2BIG), NAMED(ENOEXEC),
        NAMED(EBADF), NAMED(ECHILD), NAMED(EAGAIN), NAMED(ENOMEM), NAMED(EACCES), NAMED(EFAULT), NAMED(ENOTBLK),
        NAMED(EBUSY), NAMED(EEXIST), NAMED(EXDEV), NAMED(ENODEV), NAMED(ENOTDIR), NAMED(EISDIR), NAMED(EINVAL),
        NAMED(ENFILE), NAMED(EMFILE), NAMED(ENOTTY), NAMED(ETXTBSY), NAMED(EFBIG), NAMED(ENOSPC), NAMED(ESPIPE),
        NAMED(EROFS), NAMED(EMLINK), NAMED(EPIPE), NAMED(ERANGE), NAMED(ENAMETOOLONG), NAMED(ENOSYS), NAMED(ENOTEMPTY),
        NAMED(ELOOP), NAMED(ENODATA), NAMED(EOVERFLOW), NAMED(EBADFD), NAMED(ENOTSOCK), NAMED(EDESTADDRREQ),
        NAMED(EMSGSIZE), NAMED(EPROTOTYPE), NAMED(ENOPROTOOPT), NAMED(EOPNOTSUPP), NAMED(EAFNOSUPPORT), NAMED(EADDRINUSE),
        NAMED(EADDRNOTAVAIL), NAMED(EISCONN), NAMED(ENOTCONN), NAMED(ECONNREFUSED), NAMED(EALREADY), NAMED(EINPROGRESS),
#undef NAMED
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].error == error)
            return table[i].name;
    return strerror(error);
}

/* Is it one of the words? Columns that a row leaves out: what Linux does there differs between its versions or file
 * systems, or is something else than an answer to a bad argument. */
static inline bool has_word(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at += n)
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == 0))
            return true;
    return false;
}

/* Takes what a system call returned, as syscall() returns it. */
static inline void grid_add(struct grid_row *row, const char *column, long result)
{
    if (row->columns == GRID_COLUMNS)
        abort();
    row->names[row->columns] = column;
    row->answers[row->columns++] = result == -1 ? -errno : result;
}

static inline void grid_print(const struct grid_row *row)
{
    printf("%s:", row->call);
    for (int i = 0; i < row->columns; i++) {
        bool said = false;
        for (int k = 0; k < i; k++)
            said = said || row->answers[k] == row->answers[i];
        if (said)
            continue;
        if (row->answers[i] < 0)
            printf(" %s(", error_name((int)-row->answers[i]));
        else
            printf(" %ld(", row->answers[i]);
        for (int k = i; k < row->columns; k++)
            if (row->answers[k] == row->answers[i])
                printf("%s%s", k == i ? "" : " ", row->names[k]);
        printf(")");
    }
    printf("\n");
    fflush(stdout);
}

/* How many descriptors are open: what a row leaves behind shows. */
static inline int open_descriptors(void)
{
    int n = 0;
    for (int fd = 0; fd < 1000; fd++)
        n += dup2(fd, fd) == fd;
    return n;
}

/* Two pages, and nothing behind them; text lies at their very end. */
static inline char *at_end(const char *text, size_t size)
{
    static char *pages;
    if (!pages) {
        pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        munmap(pages + 2 * 4096, 4096);
    }
    return memcpy(pages + 2 * 4096 - size, text, size);
}
