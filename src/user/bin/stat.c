/* stat: what is known about a file, for people or as -c FORMAT says. */
#include "../lib/modes.h"
#include "../lib/options.h"
#include "../lib/util.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

static bool follow;

static const char *kind_of(const struct stat *st)
{
    switch (st->st_mode & S_IFMT) {
    case S_IFREG: return st->st_size ? "regular file" : "regular empty file";
    case S_IFDIR: return "directory";
    case S_IFLNK: return "symbolic link";
    case S_IFIFO: return "fifo";
    case S_IFSOCK: return "socket";
    case S_IFCHR: return "character special file";
    case S_IFBLK: return "block special file";
    default: return "weird file";
    }
}

static void type_and_mode(mode_t mode, char out[11])
{
    static const char kinds[] = "?pc?d?b?-?l?s???";
    out[0] = kinds[mode >> 12 & 15];
    mode_letters(mode, out + 1);
}

static void put_time(const struct timespec *t)
{
    char text[40], zone[8];
    struct tm *tm = localtime(&t->tv_sec);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", tm);
    strftime(zone, sizeof zone, "%z", tm);
    printf("%s.%09ld %s", text, t->tv_nsec, zone);
}

static const char *user_name(uid_t uid)
{
    struct passwd *pw = getpwuid(uid);
    return pw ? pw->pw_name : "UNKNOWN";
}

static const char *group_name(gid_t gid)
{
    struct group *gr = getgrgid(gid);
    return gr ? gr->gr_name : "UNKNOWN";
}

static void put_name(const char *path, const struct stat *st)
{
    char target[4096];
    ssize_t n = S_ISLNK(st->st_mode) ? readlink(path, target, sizeof target) : -1;
    printf("'%s'", path);
    if (n >= 0)
        printf(" -> '%.*s'", (int)n, target);
}

/* One letter behind '%'. */
static void put_item(char letter, const char *path, const struct stat *st)
{
    char letters[11];
    switch (letter) {
    case 'a': printf("%o", st->st_mode & 07777); break;
    case 'A': type_and_mode(st->st_mode, letters); fputs(letters, stdout); break;
    case 'b': printf("%lld", (long long)st->st_blocks); break;
    case 'B': printf("512"); break;
    case 'd': printf("%llu", (unsigned long long)st->st_dev); break;
    case 'D': printf("%llx", (unsigned long long)st->st_dev); break;
    case 'f': printf("%x", st->st_mode); break;
    case 'F': fputs(kind_of(st), stdout); break;
    case 'g': printf("%u", st->st_gid); break;
    case 'G': fputs(group_name(st->st_gid), stdout); break;
    case 'h': printf("%lu", (unsigned long)st->st_nlink); break;
    case 'i': printf("%llu", (unsigned long long)st->st_ino); break;
    case 'n': fputs(path, stdout); break;
    case 'N': put_name(path, st); break;
    case 'o': printf("%ld", (long)st->st_blksize); break;
    case 's': printf("%lld", (long long)st->st_size); break;
    case 't': printf("%x", major(st->st_rdev)); break;
    case 'T': printf("%x", minor(st->st_rdev)); break;
    case 'u': printf("%u", st->st_uid); break;
    case 'U': fputs(user_name(st->st_uid), stdout); break;
    case 'x': put_time(&st->st_atim); break;
    case 'X': printf("%lld", (long long)st->st_atime); break;
    case 'y': put_time(&st->st_mtim); break;
    case 'Y': printf("%lld", (long long)st->st_mtime); break;
    case 'z': put_time(&st->st_ctim); break;
    case 'Z': printf("%lld", (long long)st->st_ctime); break;
    case '%': putchar('%'); break;
    default: putchar('?'); break;
    }
}

static void put_format(const char *p, const char *path, const struct stat *st)
{
    for (; *p; p++) {
        if (*p == '%' && p[1])
            put_item(*++p, path, st);
        else
            putchar(*p);
    }
    putchar('\n');
}

static int show(const char *path, const char *format)
{
    struct stat st;
    if ((follow ? stat : lstat)(path, &st) < 0) {
        warn_errno(path);
        return 1;
    }
    bool device = S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode);
    if (!format)
        put_format(device ? "    File: %N\n    Kind: %F %t:%T (hexadecimal)"
                          : "    File: %N\n    Kind: %F, %s bytes in %b blocks of %B", path, &st);
    put_format(format ? format
                      : "   Inode: %i on device %Dh, links: %h\n  Access: %a (%A), owner %u (%U), group %g (%G)\n"
                        "Accessed: %x\nModified: %y\n Changed: %z", path, &st);
    return 0;
}

int main(int argc, char **argv)
{
    const char *format = NULL;
    int status = 0;
    static const char letters[] = "Lc:P:tf";
    tool_init(argv, "usage: stat [-L] [-c FORMAT] FILE...\n"
                    "Show what is known about files. -L: of what a link leads to.\n"
                    "FORMAT: %n name, %N with the link's target, %F kind, %s size, %b blocks, %a mode, %A in letters,\n"
                    "%u %U owner, %g %G group, %h links, %i inode, %d device, %t %T major and minor,\n"
                    "%x %y %z times of access, of content, of change; %X %Y %Z in seconds since 1970.\n");
    options_arrange(argc, argv, letters, "dereference=L format=c printf=P terse=t file-system=f");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == '?')
            die_usage();
        follow |= c == 'L';
        format = c == 'c' ? optarg : format;
    }
    if (optind == argc)
        die_usage();
    for (; optind < argc; optind++)
        status |= show(argv[optind], format);
    return flush_output() | status;
}
