/* See util.h. Nothing here prints to standard output but help. */
#include "util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *program = "?";
static const char *help_text = "";

const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

void tool_init(char **argv, const char *help)
{
    program = argv[0] ? base_name(argv[0]) : "?";
    help_text = help;
    if (argv[0] && argv[1] && strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        exit(flush_output());
    }
}

void warn_text(const char *what, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "%s: %s: %s\n", program, what, why);
}

void warn_errno(const char *what)
{
    warn_text(what, strerror(errno));
}

void die(const char *what)
{
    warn_errno(what);
    exit(1);
}

void die_usage(void)
{
    fputs(help_text, stderr);
    exit(2);
}

int parse_flags(int argc, char **argv, const char *allowed, bool have[128])
{
    int index = 1;
    for (; index < argc && argv[index][0] == '-' && argv[index][1]; index++) {
        if (strcmp(argv[index], "--") == 0)
            return index + 1;
        for (const unsigned char *c = (unsigned char *)argv[index] + 1; *c; c++) {
            if (*c >= 128 || !strchr(allowed, *c)) {
                fprintf(stderr, "%s: no option '%s'\n", program, argv[index]);
                die_usage();
            }
            have[*c] = true;
        }
    }
    return index;
}

int full_write(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

int flush_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    warn_errno("write error");
    return 1;
}

/* Rounded up, as coreutils do: nothing looks smaller than it is. */
void format_size(char out[16], uint64_t bytes)
{
    static const char units[] = "BKMGTPE";
    unsigned unit = 0;
    uint64_t size = 1;
    for (; bytes / size >= 1024; unit++)
        size *= 1024;
    uint64_t whole = bytes / size, rest = bytes % size;
    if (unit && whole < 10) {
        uint64_t tenths = (rest * 10 + size - 1) / size;
        if (whole * 10 + tenths < 100) {
            snprintf(out, 16, "%u.%u%c", (unsigned)(whole + tenths / 10), (unsigned)(tenths % 10), units[unit]);
            return;
        }
    }
    whole += rest != 0;
    if (unit == 0)
        snprintf(out, 16, "%u", (unsigned)whole);
    else if (whole == 1024 && units[unit + 1])
        snprintf(out, 16, "1.0%c", units[unit + 1]);
    else
        snprintf(out, 16, "%u%c", (unsigned)whole, units[unit]);
}

char *join_path(const char *directory, const char *name)
{
    size_t len = strlen(directory), name_len = strlen(name);
    bool slash = len > 0 && directory[len - 1] != '/';
    char *path = malloc(len + name_len + 2);
    if (!path)
        die(name);
    memcpy(path, directory, len);
    if (slash)
        path[len++] = '/';
    memcpy(path + len, name, name_len + 1);
    return path;
}

bool parse_u64(const char *text, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno;
}

bool meminfo_read(const char *key, uint64_t *bytes)
{
    char line[128];
    size_t len = strlen(key);
    bool found = false;
    FILE *file = fopen("/proc/meminfo", "r");
    while (file && !found && fgets(line, sizeof line, file))
        if (strncmp(line, key, len) == 0 && line[len] == ':') {
            *bytes = strtoull(line + len + 1, NULL, 10) * 1024;
            found = true;
        }
    if (file)
        fclose(file);
    return found;
}
