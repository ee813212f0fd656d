/* tar's options. See tar.h. */
#include "tar.h"

#include "../lib/util.h"

#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool verbose, keep_modes, follow, to_stdout;
int status;
char **wanted;
unsigned strip_components;

enum { EXCLUDED_MAX = 64, EXCLUDE = 256, STRIP };
static const char *excluded[EXCLUDED_MAX];
static size_t nexcluded;

/* As GNU's tar has it: a pattern may begin behind any '/', and its '*' goes across them. */
bool is_excluded(const char *name)
{
    for (size_t i = 0; i < nexcluded; i++)
        for (const char *at = name; at; at = strchr(at, '/')) {
            at += strspn(at, "/");
            if (fnmatch(excluded[i], at, FNM_LEADING_DIR) == 0)
                return true;
        }
    return false;
}

static void take_excluded(const char *pattern)
{
    if (nexcluded == EXCLUDED_MAX) {
        warn_text(pattern, "too many of these");
        exit(2);
    }
    excluded[nexcluded++] = pattern;
}

static const struct option long_options[] = {
    { "create", no_argument, NULL, 'c' }, { "extract", no_argument, NULL, 'x' }, { "get", no_argument, NULL, 'x' },
    { "list", no_argument, NULL, 't' }, { "append", no_argument, NULL, 'r' },
    { "to-stdout", no_argument, NULL, 'O' }, { "auto-compress", no_argument, NULL, 'a' },
    { "dereference", no_argument, NULL, 'h' }, { "gzip", no_argument, NULL, 'z' }, { "verbose", no_argument, NULL, 'v' },
    { "file", required_argument, NULL, 'f' }, { "directory", required_argument, NULL, 'C' },
    { "preserve-permissions", no_argument, NULL, 'p' }, { "same-permissions", no_argument, NULL, 'p' },
    { "exclude", required_argument, NULL, EXCLUDE }, { "strip-components", required_argument, NULL, STRIP }, { 0 },
};

void fail(const char *what)
{
    warn_errno(what);
    status = 2;
}

void refuse(const char *what, const char *why)
{
    warn_text(what, why);
    status = 2;
}

void *need(void *p)
{
    if (!p)
        die("memory");
    return p;
}

static void create(char **names)
{
    static const char zeros[2 * BLOCK];
    if (!*names) {
        warn_text("c", "there is nothing to put into the archive");
        exit(2);
    }
    for (; *names; names++) {
        if (strcmp(*names, "-C") == 0 && names[1]) {
            if (chdir(*++names) < 0)
                die(*names);
            continue;
        }
        create_member(*names);
    }
    stream_write(zeros, sizeof zeros);
}

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name), n = strlen(end);
    return len > n && strcmp(name + len - n, end) == 0;
}

int main(int argc, char **argv)
{
    const char *file = NULL, *folder = NULL;
    char mode = 0;
    bool zip = false, by_name = false;
    tool_init(argv, "usage: tar c|r|x|t [zavphO] [f ARCHIVE] [-C DIR] [FILE...]\n"
                    "Put files into an archive (c), or behind those in it (r), take them out (x), list them (t).\n"
        "  f  the archive; without it standard input or output\n  z  compressed (when reading this is found out), a  if the archive's name says so (.gz, .tgz)\n"
        "  v  say what is done         p  modes as they are, whatever umask says\n  C  work in this folder\n"
        "  h  what links lead to       O  take out to standard output\n"
        "  --exclude=GLOB         leave out what is called so, and what is in it\n"
        "  --strip-components=N   unpack without the first N parts of each name\n"
        "Letters have long names, too: --create, --append, --extract, --list, --file, --directory, --gzip, --verbose.\n");
    char *first = NULL; /* the old way: tar xzf FILE */
    if (argc > 1 && argv[1][0] != '-' && asprintf(&first, "-%s", argv[1]) > 0)
        argv[1] = first;
    for (int c; (c = getopt_long(argc, argv, "+cxtrzvpaOhf:C:", long_options, NULL)) != -1;) {
        uint64_t n = 0;
        if (c == '?' || (c == STRIP && (!parse_u64(optarg, &n) || n > NAMES_MAX)))
            die_usage();
        if (c == STRIP)
            strip_components = (unsigned)n;
        if (c == EXCLUDE)
            take_excluded(optarg);
        if (c == STRIP || c == EXCLUDE)
            continue;
        if (strchr("cxtr", c) && mode && mode != c)
            die_usage();
        mode = strchr("cxtr", c) ? (char)c : mode;
        zip |= c == 'z', by_name |= c == 'a', follow |= c == 'h', to_stdout |= c == 'O', verbose |= c == 'v',
            keep_modes |= c == 'p';
        file = c == 'f' ? optarg : file;
        folder = c == 'C' ? optarg : folder;
    }
    if (!mode)
        die_usage();
    keep_modes |= geteuid() == 0;
    zip |= by_name && file && (ends_in(file, ".gz") || ends_in(file, ".tgz"));
    if (mode == 'r' && (zip || !file))
        die_usage();
    if (mode == 'r')
        stream_open_append(file);
    else
        stream_open(file, mode == 'c', zip);
    for (; mode != 'c' && mode != 'r' && optind + 1 < argc && strcmp(argv[optind], "-C") == 0; optind += 2)
        folder = argv[optind + 1];
    if (folder && chdir(folder) < 0)
        die(folder);
    wanted = optind < argc ? argv + optind : NULL;
    if (mode == 'c' || mode == 'r')
        create(argv + optind);
    else
        extract_all(mode == 't');
    stream_close();
    return flush_output() ? 2 : status;
}
