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
#include <sys/vfs.h>
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

static void put_time(FILE *out, const struct timespec *t)
{
    char text[40], zone[8];
    struct tm *tm = localtime(&t->tv_sec);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", tm);
    strftime(zone, sizeof zone, "%z", tm);
    fprintf(out, "%s.%09ld %s", text, t->tv_nsec, zone);
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

static void put_name(FILE *out, const char *path, const struct stat *st)
{
    char target[4096];
    ssize_t n = S_ISLNK(st->st_mode) ? readlink(path, target, sizeof target) : -1;
    fprintf(out, "'%s'", path);
    if (n >= 0)
        fprintf(out, " -> '%.*s'", (int)n, target);
}

/* One letter behind '%'. */
static void put_item(FILE *out, char letter, const char *path, const struct stat *st)
{
    char letters[11];
    switch (letter) {
    case 'a': fprintf(out, "%o", st->st_mode & 07777); break;
    case 'A': type_and_mode(st->st_mode, letters); fputs(letters, out); break;
    case 'b': fprintf(out, "%lld", (long long)st->st_blocks); break;
    case 'B': fprintf(out, "512"); break;
    case 'd': fprintf(out, "%llu", (unsigned long long)st->st_dev); break;
    case 'D': fprintf(out, "%llx", (unsigned long long)st->st_dev); break;
    case 'f': fprintf(out, "%x", st->st_mode); break;
    case 'F': fputs(kind_of(st), out); break;
    case 'g': fprintf(out, "%u", st->st_gid); break;
    case 'G': fputs(group_name(st->st_gid), out); break;
    case 'h': fprintf(out, "%lu", (unsigned long)st->st_nlink); break;
    case 'i': fprintf(out, "%llu", (unsigned long long)st->st_ino); break;
    case 'n': fputs(path, out); break;
    case 'N': put_name(out, path, st); break;
    case 'o': fprintf(out, "%ld", (long)st->st_blksize); break;
    case 's': fprintf(out, "%lld", (long long)st->st_size); break;
    case 't': fprintf(out, "%x", major(st->st_rdev)); break;
    case 'T': fprintf(out, "%x", minor(st->st_rdev)); break;
    case 'u': fprintf(out, "%u", st->st_uid); break;
    case 'U': fputs(user_name(st->st_uid), out); break;
    case 'x': put_time(out, &st->st_atim); break;
    case 'X': fprintf(out, "%lld", (long long)st->st_atime); break;
    case 'y': put_time(out, &st->st_mtim); break;
    case 'Y': fprintf(out, "%lld", (long long)st->st_mtime); break;
    case 'z': put_time(out, &st->st_ctim); break;
    case 'Z': fprintf(out, "%lld", (long long)st->st_ctime); break;
    case '%': putc('%', out); break;
    default: putc('?', out); break;
    }
}

/* Of the file system, -f. */
static void put_system_item(FILE *out, char letter, const char *path, const struct statfs *s)
{
    switch (letter) {
    case 'a': fprintf(out, "%llu", (unsigned long long)s->f_bavail); break;
    case 'b': fprintf(out, "%llu", (unsigned long long)s->f_blocks); break;
    case 'c': fprintf(out, "%llu", (unsigned long long)s->f_files); break;
    case 'd': fprintf(out, "%llu", (unsigned long long)s->f_ffree); break;
    case 'f': fprintf(out, "%llu", (unsigned long long)s->f_bfree); break;
    case 'i': fprintf(out, "%llx", (unsigned long long)(unsigned)s->f_fsid.__val[0] << 32 | (unsigned)s->f_fsid.__val[1]); break;
    case 'l': fprintf(out, "%lu", (unsigned long)s->f_namelen); break;
    case 'n': fputs(path, out); break;
    case 's': fprintf(out, "%lu", (unsigned long)s->f_bsize); break;
    case 'S': fprintf(out, "%lu", (unsigned long)s->f_frsize); break;
    case 't': fprintf(out, "%lx", (unsigned long)s->f_type); break;
    case '%': putc('%', out); break;
    default: putc('?', out); break;
    }
}

struct known { const char *path; const struct stat *st; const struct statfs *system; };

/* At a '%': the letter's text in the width printf(3) knows; how much of the format it took. */
static size_t put_directive(const char *format, const struct known *known)
{
    char *text = NULL, spec[32];
    size_t size, width = 1 + strspn(format + 1, "-0123456789.");
    if (!format[width] || width > 20) {
        putchar('%');
        return 1;
    }
    FILE *out = open_memstream(&text, &size);
    if (!out)
        die("stat");
    if (known->system)
        put_system_item(out, format[width], known->path, known->system);
    else
        put_item(out, format[width], known->path, known->st);
    fclose(out);
    bool zeros = format[1] == '0' && *text && text[strspn(text, "0123456789")] == 0;
    snprintf(spec, sizeof spec, "%.*s%s", (int)width, format, zeros ? "llu" : "s");
    if (zeros)
        printf(spec, strtoull(text, NULL, 10));
    else
        printf(spec, text);
    free(text);
    return width + 1;
}

/* At a backslash, of --printf. */
static size_t put_escape(const char *format)
{
    static const char letters[] = "abefnrtv\\\"", meant[] = "\a\b\033\f\n\r\t\v\\\"";
    const char *letter = format[1] ? strchr(letters, format[1]) : NULL;
    size_t digits = strspn(format + 1, "01234567");
    if (letter) {
        putchar(meant[letter - letters]);
        return 2;
    }
    char octal[4] = "";
    memcpy(octal, format + 1, digits > 3 ? 3 : digits);
    putchar(digits ? (int)strtoul(octal, NULL, 8) & 255 : '\\');
    return 1 + strlen(octal);
}

static void put_format(const char *p, bool escapes, const struct known *known)
{
    while (*p) {
        if (*p == '%')
            p += put_directive(p, known);
        else if (*p == '\\' && escapes)
            p += put_escape(p);
        else
            putchar(*p++);
    }
    if (!escapes)
        putchar('\n');
}

static int show_system(const char *path, const char *format, bool escapes)
{
    struct statfs s;
    if (statfs(path, &s) < 0) {
        warn_errno(path);
        return 1;
    }
    put_format(format ? format : "    File: %n\n      ID: %i, names of at most %l bytes\n  Blocks: %b of %S, %f free, %a for all\n"
                                 "  Inodes: %c, %d free", escapes, &(struct known){ .path = path, .system = &s });
    return 0;
}

static int show(const char *path, const char *format, bool escapes)
{
    struct stat st;
    const struct known known = { .path = path, .st = &st };
    if ((follow ? stat : lstat)(path, &st) < 0) {
        warn_errno(path);
        return 1;
    }
    bool device = S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode);
    if (!format)
        put_format(device ? "    File: %N\n    Kind: %F %t:%T (hexadecimal)"
                          : "    File: %N\n    Kind: %F, %s bytes in %b blocks of %B", false, &known);
    put_format(format ? format
                      : "   Inode: %i on device %Dh, links: %h\n  Access: %a (%A), owner %u (%U), group %g (%G)\n"
                        "Accessed: %x\nModified: %y\n Changed: %z", escapes, &known);
    return 0;
}

int main(int argc, char **argv)
{
    const char *format = NULL;
    static const char letters[] = "Lc:P:tf", terse[] = "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z 0 %o";
    bool escapes = false, of_system = false, in_short = false;
    int status = 0;
    tool_init(argv, "usage: stat [-Ltf] [-c FORMAT | --printf=FORMAT] FILE...\n"
                    "Show what is known about files. -L: of what a link leads to, -t: all in one line,\n"
                    "-f: about the file systems they lie in; --printf: \\n and \\t count, no line is ended.\n"
                    "FORMAT: %n name, %N with the link's target, %F kind, %s size, %b blocks, %a mode, %A in letters,\n"
                    "%u %U owner, %g %G group, %h links, %i inode, %d device, %t %T major and minor,\n"
                    "%x %y %z times of access, of content, of change; %X %Y %Z in seconds since 1970.\n"
                    "With -f: %b blocks of %S bytes, %f free, %a for all, %c inodes, %d free, %l length of names,\n"
                    "%i number and %t kind of the file system, both hexadecimal.\n");
    options_arrange(argc, argv, letters, "dereference=L format=c printf=P terse=t file-system=f");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == '?')
            die_usage();
        follow |= c == 'L', of_system |= c == 'f', in_short |= c == 't';
        format = c == 'c' || c == 'P' ? optarg : format;
        escapes = c == 'c' || c == 'P' ? c == 'P' : escapes;
    }
    if (optind == argc)
        die_usage();
    if (in_short && !format)
        format = of_system ? "%n %i %l %t %s %S %b %f %a %c %d" : terse;
    for (; optind < argc; optind++)
        status |= (of_system ? show_system : show)(argv[optind], format, escapes);
    return flush_output() | status;
}
