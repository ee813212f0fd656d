/* touch: make files, or set their times. */
#include "../lib/dates.h"
#include "../lib/options.h"
#include "../lib/util.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool no_create, itself;
static struct timespec times[2]; /* access, modification */

static void choose_times(bool access, bool modification)
{
    if (access == modification)
        return;
    times[access ? 1 : 0].tv_nsec = UTIME_OMIT;
}

static void take_reference(const char *path)
{
    struct stat st;
    if ((itself ? lstat(path, &st) : stat(path, &st)) < 0)
        die(path);
    times[0] = st.st_atim;
    times[1] = st.st_mtim;
}

static void take_date(const char *text, bool (*parse)(const char *, struct timespec *))
{
    if (!parse(text, &times[0])) {
        warn_text(text, "not a date");
        _exit(1);
    }
    times[1] = times[0];
}

static int touch(const char *path)
{
    int flags = itself ? AT_SYMLINK_NOFOLLOW : 0;
    if (utimensat(AT_FDCWD, path, times, flags) == 0)
        return 0;
    int fd = no_create || itself ? -1 : open(path, O_WRONLY | O_CREAT | O_NONBLOCK, 0666);
    bool done = fd >= 0 && futimens(fd, times) == 0;
    if (!done && !no_create)
        warn_errno(path);
    if (fd >= 0)
        close(fd);
    return !done && !no_create;
}

int main(int argc, char **argv)
{
    bool access = false, modification = false;
    const char *reference = NULL;
    int status = 0;
    static const char letters[] = "acmhfd:t:r:";
    tool_init(argv, "usage: touch [-acmh] [-d DATE | -t [[CC]YY]MMDDhhmm[.SS] | -r FILE] FILE...\n"
                    "Make files that do not exist (not with -c), and set their times: to now, or\n"
                    "  -d DATE  2024-02-29, '2024-02-29 13:45:10', @SECONDS, yesterday, '2 hours ago'\n"
                    "  -r FILE  as those of FILE\n"
                    "  -a, -m   only the time of access, of modification;  -h  of a link itself\n");
    times[0].tv_nsec = times[1].tv_nsec = UTIME_NOW;
    options_arrange(argc, argv, letters, "no-create=c date=d reference=r no-dereference=h");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        switch (c) {
        case 'a': access = true; break;
        case 'c': no_create = true; break;
        case 'm': modification = true; break;
        case 'f': break; /* what BSD once needed */
        case 'h': itself = true; break;
        case 'd': take_date(optarg, date_parse); break;
        case 't': take_date(optarg, date_parse_digits); break;
        case 'r': reference = optarg; break;
        default: die_usage();
        }
    }
    if (optind == argc)
        die_usage();
    if (reference)
        take_reference(reference);
    choose_times(access, modification);
    for (; optind < argc; optind++)
        status |= touch(argv[optind]);
    return status;
}
