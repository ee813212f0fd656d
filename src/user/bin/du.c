/* du: how much space files and directories take. A file with several names counts once. */
#include "../lib/inside.h"
#include "../lib/options.h"
#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool all, only_sums, human, one_device;
static struct seen { dev_t dev; ino_t ino; } *seen;
static size_t nseen;
static uint64_t depth_max = UINT64_MAX;
static int status;

static bool is_seen(const struct stat *st)
{
    if (st->st_nlink < 2 || S_ISDIR(st->st_mode))
        return false;
    for (size_t i = 0; i < nseen; i++)
        if (seen[i].dev == st->st_dev && seen[i].ino == st->st_ino)
            return true;
    struct seen *more = realloc(seen, (nseen + 1) * sizeof *seen);
    if (!more)
        die("du");
    seen = more;
    seen[nseen++] = (struct seen){ st->st_dev, st->st_ino };
    return false;
}

static void put(uint64_t blocks, const char *path)
{
    char text[24];
    if (human)
        format_size(text, blocks * 512);
    else
        snprintf(text, sizeof text, "%llu", (unsigned long long)(blocks + 1) / 2);
    printf("%s\t%s\n", text, path);
}

/* Blocks of 512 bytes. */
static uint64_t walk(const char *path, uint64_t depth, dev_t device)
{
    struct stat st;
    if (lstat(path, &st) < 0) {
        warn_errno(path);
        status = 1;
        return 0;
    }
    if (is_seen(&st) || (depth && one_device && st.st_dev != device))
        return 0;
    uint64_t sum = (uint64_t)st.st_blocks;
    bool directory = S_ISDIR(st.st_mode);
    struct inside in = { 0 };
    if (directory && inside_read(path, &in) < 0) {
        warn_errno(path);
        status = 1;
    }
    for (size_t i = 0; i < in.n; i++)
        sum += walk(in.paths[i], depth + 1, depth ? device : st.st_dev);
    inside_free(&in);
    if (depth == 0 || (!only_sums && depth <= depth_max && (directory || all)))
        put(sum, path);
    return sum;
}

int main(int argc, char **argv)
{
    bool total = false;
    uint64_t sum = 0;
    static const char letters[] = "achksxbmlLSH0Dd:t:X:";
    tool_init(argv, "usage: du [-achksx] [-d DEPTH] [FILE...]\n"
                    "Show the space taken, in KiB. -a: each file, -s: only what is named, -c: a total,\n"
                    "-h: 1.5G instead of KiB, -x: stay on one file system, -d: only so deep.\n");
    options_arrange(argc, argv, letters, "all=a total=c human-readable=h summarize=s one-file-system=x bytes=b count-links=l dereference=L separate-dirs=S null=0 max-depth=d threshold=t exclude=X apparent-size=A dereference-args=D");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == '?' || (c == 'd' && !parse_u64(optarg, &depth_max)))
            die_usage();
        all |= c == 'a', total |= c == 'c', human |= c == 'h', only_sums |= c == 's', one_device |= c == 'x';
    }
    if (optind == argc)
        sum = walk(".", 0, 0);
    for (; optind < argc; optind++)
        sum += walk(argv[optind], 0, 0);
    if (total)
        put(sum, "total");
    return flush_output() | status;
}
