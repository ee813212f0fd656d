/* df: how full the file systems are. */
#include "../lib/util.h"

#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

static bool human, posix_form, with_empty;

static void put_amount(uint64_t bytes)
{
    char text[24];
    if (human)
        format_size(text, bytes);
    else
        snprintf(text, sizeof text, "%llu", (unsigned long long)(bytes / 1024 + (bytes % 1024 != 0)));
    printf(" %10s", text);
}

static int show(const struct mntent *m, bool asked)
{
    struct statvfs s;
    if (statvfs(m->mnt_dir, &s) < 0) {
        warn_errno(m->mnt_dir);
        return 1;
    }
    if (s.f_blocks == 0 && !asked && !with_empty)
        return 0;
    uint64_t used = s.f_blocks - s.f_bfree, whole = used + s.f_bavail;
    printf("%-12s", m->mnt_fsname);
    put_amount(s.f_blocks * s.f_frsize);
    put_amount(used * s.f_frsize);
    put_amount(s.f_bavail * s.f_frsize);
    if (whole)
        printf(" %7llu%%", (unsigned long long)((used * 100 + whole - 1) / whole));
    else
        printf(" %8s", "-");
    printf(" %s\n", m->mnt_dir);
    return 0;
}

/* The mount a path lies in: the one whose directory is the longest beginning of the path. */
static int show_of(const char *path)
{
    char name[64] = "-", dir[1024] = "";
    char *whole = realpath(path, NULL);
    if (!whole) {
        warn_errno(path);
        return 1;
    }
    FILE *f = setmntent("/proc/mounts", "r");
    for (struct mntent *m; f && (m = getmntent(f));) {
        size_t len = strlen(m->mnt_dir);
        bool above = strncmp(whole, m->mnt_dir, len) == 0 && (len == 1 || whole[len] == '/' || !whole[len]);
        if (above && len >= strlen(dir)) {
            snprintf(name, sizeof name, "%s", m->mnt_fsname);
            snprintf(dir, sizeof dir, "%s", m->mnt_dir);
        }
    }
    if (f)
        endmntent(f);
    free(whole);
    struct mntent found = { .mnt_fsname = name, .mnt_dir = *dir ? dir : (char *)path };
    return show(&found, true);
}

static int show_all(void)
{
    int status = 0;
    FILE *f = setmntent("/proc/mounts", "r");
    if (!f)
        die("/proc/mounts");
    for (struct mntent *m; (m = getmntent(f));)
        status |= show(m, false);
    endmntent(f);
    return status;
}

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    int status = 0;
    tool_init(argv, "usage: df [-ahkP] [FILE...]\n"
                    "Show how full file systems are: all, or those the files lie in.\n"
                    "-a: also those without a size, -h: 1.5G instead of KiB, -k, -P: as always.\n");
    int index = parse_flags(argc, argv, "ahkP", have);
    human = have['h'], posix_form = have['P'], with_empty = have['a'];
    printf("Filesystem   %10s       Used  Available %8s Mounted on\n",
           human ? "Size" : posix_form ? "1024-blocks" : "1K-blocks", posix_form ? "Capacity" : "Use%");
    if (index == argc)
        status = show_all();
    for (; index < argc; index++)
        status |= show_of(argv[index]);
    return flush_output() | status;
}
