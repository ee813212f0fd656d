/* gzip, gunzip, zcat: compress and decompress files (RFC 1952), with zlib. A file is replaced by its other form only
 * when that is whole. */
#include "../gz/gz.h"
#include "../lib/options.h"
#include "../lib/util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { UNTOUCHED = 2 }; /* status: a file was left as it is */

static bool have[128];
static int level = 6;
static char data[1 << 16];

static int fail(const char *name, const char *why)
{
    warn_text(name, why);
    return 1;
}

/* Both take the descriptors over. */
static int compress_to(int in, int out, const char *name)
{
    const char *why;
    int status = 0;
    struct gz *file = gz_open_write(out, level);
    if (!file)
        die(name);
    for (ssize_t n = 1; n && !status;) {
        n = read(in, data, sizeof data);
        if (n < 0)
            status = fail(name, strerror(errno));
        else if (n > 0 && gz_write(file, data, (size_t)n) < 0)
            status = fail(name, file->why);
    }
    close(in);
    if (gz_close(file, &why) < 0 && !status)
        status = fail(name, why);
    return status;
}

/* out < 0: to nowhere. */
static int decompress_to(int in, int out, const char *name)
{
    const char *why;
    int status = 0;
    struct gz *file = gz_open_read(in);
    if (!file)
        die(name);
    if (file->plain)
        status = fail(name, "is not in gzip's format");
    for (long n = 1; n > 0 && !status;) {
        n = gz_read(file, data, sizeof data);
        if (n < 0)
            status = fail(name, file->why);
        else if (out >= 0 && full_write(out, data, (size_t)n) < 0)
            status = fail(name, strerror(errno));
    }
    gz_close(file, &why);
    if (out >= 0 && close(out) < 0 && !status)
        status = fail(name, strerror(errno));
    return status;
}

static int convert(int in, int out, const char *name)
{
    return have['d'] ? decompress_to(in, out, name) : compress_to(in, out, name);
}

/* FILE.gz for FILE, or the other way; NULL with a message. */
static char *other_name(const char *name)
{
    size_t len = strlen(name);
    bool zipped = len > 3 && strcmp(name + len - 3, ".gz") == 0, tar = len > 4 && strcmp(name + len - 4, ".tgz") == 0;
    char *other = NULL;
    if (have['d'] ? !zipped && !tar : zipped)
        fail(name, have['d'] ? "has no name that ends in .gz" : "ends in .gz already");
    else if (asprintf(&other, have['d'] ? tar ? "%.*s.tar" : "%.*s" : "%.*s.gz", have['d'] ? (int)len - (tar ? 4 : 3) : (int)len, name) < 0)
        die(name);
    return other;
}

static int replace(const char *name, int in, const struct stat *st)
{
    char *other = other_name(name);
    struct timespec times[2] = { st->st_atim, st->st_mtim };
    int out = other ? open(other, O_WRONLY | O_CREAT | O_CLOEXEC | (have['f'] ? O_TRUNC : O_EXCL), 0600) : -1;
    if (out < 0) {
        bool exists = other && errno == EEXIST;
        if (other)
            fail(other, exists ? "exists already (-f replaces it)" : strerror(errno));
        close(in);
        free(other);
        return !other || exists ? UNTOUCHED : 1;
    }
    if (fchown(out, st->st_uid, st->st_gid) < 0 || fchmod(out, st->st_mode & 07777) < 0)
        warn_errno(other);
    int status = convert(in, out, name);
    if (status)
        unlink(other);
    else if (utimensat(AT_FDCWD, other, times, 0) < 0 || (!have['k'] && unlink(name) < 0))
        status = fail(name, strerror(errno));
    free(other);
    return status;
}

static int handle(const char *name)
{
    bool standard = strcmp(name, "-") == 0;
    struct stat st;
    int in = standard ? dup(0) : open(name, O_RDONLY | O_CLOEXEC);
    if (in < 0 || fstat(in, &st) < 0)
        return fail(name, strerror(errno));
    if (have['t'])
        return decompress_to(in, -1, name);
    if (standard || have['c'])
        return convert(in, dup(1), name);
    if (!S_ISREG(st.st_mode)) {
        close(in);
        return fail(name, "is not a plain file: left as it is");
    }
    return replace(name, in, &st);
}

int main(int argc, char **argv)
{
    static char *standard[] = { "-" };
    int status = 0;
    static const char letters[] = "cdfkt123456789nq";
    tool_init(argv, "usage: gzip [-cdfkt1..9] [FILE...]\n"
                    "       gunzip, zcat [FILE...]\n"
                    "Compress files into FILE.gz, or back; without a name from standard input to output.\n"
        "  -d  decompress (gunzip)   -c  to standard output (zcat: -dc)   -k  keep the file\n"
        "  -f  replace what exists   -t  only test   -1 fast ... -9 small\n");
    options_arrange(argc, argv, letters,
                    "stdout=c to-stdout=c decompress=d uncompress=d force=f keep=k test=t fast=1 best=9 quiet=q no-name=n");
    int index = parse_flags(argc, argv, letters, have);
    for (int i = 1; i <= 9; i++)
        level = have['0' + i] ? i : level;
    have['d'] |= have['t'] || strcmp(program, "gunzip") == 0 || strcmp(program, "zcat") == 0;
    have['c'] |= strcmp(program, "zcat") == 0;
    char **names = index < argc ? argv + index : standard;
    bool to_standard = have['c'] || index == argc;
    if (to_standard && !have['d'] && isatty(1))
        return fail("standard output", "is a terminal: nobody can read compressed data there");
    for (int i = index < argc ? index : argc - 1; i < argc; i++)
        status |= handle(*names++);
    return status & 1 ? 1 : status;
}
