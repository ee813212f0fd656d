/* find -printf: % and a letter, with a printf width between them, and escapes. See find.h. */
#include "find.h"

#include "../lib/modes.h"
#include "../lib/util.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_MAX = 8192, HALF_A_YEAR_S = 182 * 86400 };

static char kind_letter(mode_t mode)
{
    return S_ISREG(mode) ? 'f' : S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'l' : S_ISFIFO(mode) ? 'p' : S_ISSOCK(mode) ? 's'
         : S_ISCHR(mode) ? 'c' : S_ISBLK(mode) ? 'b' : 'U';
}

/* The kind of what a link leads to: N nothing, L in circles. */
static char led_to(const struct item *at)
{
    struct stat st;
    if (stat(at->path, &st) == 0)
        return kind_letter(st.st_mode);
    return S_ISLNK(at->st.st_mode) ? 'N' : kind_letter(at->st.st_mode);
}

static void put_owner(char out[TEXT_MAX], const char *name, unsigned number)
{
    if (name)
        snprintf(out, TEXT_MAX, "%s", name);
    else
        snprintf(out, TEXT_MAX, "%u", number);
}

/* Seconds have ten digits behind the point here. how: a strftime letter, '@' or '+'; 0: as ctime(3), in whole. */
static void put_time(char out[TEXT_MAX], char how, const struct timespec *t)
{
    char format[64], seconds[16];
    struct tm *tm = localtime(&t->tv_sec);
    snprintf(seconds, sizeof seconds, "%02d.%09ld0", tm ? tm->tm_sec : 0, t->tv_nsec);
    *out = 0;
    if (how == '@')
        snprintf(out, TEXT_MAX, "%lld.%09ld0", (long long)t->tv_sec, t->tv_nsec);
    else if (how == 'S')
        strcpy(out, seconds);
    else if (how == 'T')
        snprintf(format, sizeof format, "%%H:%%M:%s", seconds);
    else if (how == '+')
        snprintf(format, sizeof format, "%%F+%%H:%%M:%s", seconds);
    else if (how == 0)
        snprintf(format, sizeof format, "%%a %%b %%e %%H:%%M:%s %%Y", seconds);
    else
        snprintf(format, sizeof format, "%%%c", how);
    if (tm && how != '@' && how != 'S')
        strftime(out, TEXT_MAX, format, tm);
}

static void put_link(char out[TEXT_MAX], const struct item *at)
{
    ssize_t n = S_ISLNK(at->st.st_mode) ? readlink(at->path, out, TEXT_MAX - 1) : 0;
    out[n > 0 ? n : 0] = 0;
}

/* Above the last name: "." when there is nothing, and nothing for the root. */
static void put_parent(char out[TEXT_MAX], const char *path)
{
    snprintf(out, TEXT_MAX, "%s", path);
    char *slash = strrchr(out, '/');
    if (slash)
        *slash = 0;
    else
        strcpy(out, ".");
}

static void put_below(char out[TEXT_MAX], const struct item *at)
{
    const char *rest = at->depth ? at->path + strlen(at->root) : "";
    snprintf(out, TEXT_MAX, "%s", rest + (*rest == '/'));
}

static void put_mode(char out[TEXT_MAX], mode_t mode)
{
    char letter = kind_letter(mode);
    out[0] = letter == 'f' ? '-' : letter;
    mode_letters(mode, out + 1);
}

/* The text of one letter; false: no such letter. */
static bool take_letter(char out[TEXT_MAX], char letter, const struct item *at)
{
    const struct stat *st = &at->st;
    const struct passwd *pw;
    const struct group *gr;
    switch (letter) {
    case 'p': snprintf(out, TEXT_MAX, "%s", at->path); break;
    case 'f': snprintf(out, TEXT_MAX, "%s", base_name(at->path)); break;
    case 'h': put_parent(out, at->path); break;
    case 'H': snprintf(out, TEXT_MAX, "%s", at->root); break;
    case 'P': put_below(out, at); break;
    case 's': snprintf(out, TEXT_MAX, "%lld", (long long)st->st_size); break;
    case 'b': snprintf(out, TEXT_MAX, "%lld", (long long)st->st_blocks); break;
    case 'k': snprintf(out, TEXT_MAX, "%lld", (long long)(st->st_blocks + 1) / 2); break;
    case 'y': snprintf(out, TEXT_MAX, "%c", kind_letter(st->st_mode)); break;
    case 'Y': snprintf(out, TEXT_MAX, "%c", led_to(at)); break;
    case 'l': put_link(out, at); break;
    case 'm': snprintf(out, TEXT_MAX, "%o", st->st_mode & 07777); break;
    case 'M': put_mode(out, st->st_mode); break;
    case 'n': snprintf(out, TEXT_MAX, "%lu", (unsigned long)st->st_nlink); break;
    case 'i': snprintf(out, TEXT_MAX, "%llu", (unsigned long long)st->st_ino); break;
    case 'd': snprintf(out, TEXT_MAX, "%llu", (unsigned long long)at->depth); break;
    case 'D': snprintf(out, TEXT_MAX, "%llu", (unsigned long long)st->st_dev); break;
    case 'u': pw = getpwuid(st->st_uid); put_owner(out, pw ? pw->pw_name : NULL, st->st_uid); break;
    case 'g': gr = getgrgid(st->st_gid); put_owner(out, gr ? gr->gr_name : NULL, st->st_gid); break;
    case 'U': put_owner(out, NULL, st->st_uid); break;
    case 'G': put_owner(out, NULL, st->st_gid); break;
    case 't': put_time(out, 0, &st->st_mtim); break;
    case 'a': put_time(out, 0, &st->st_atim); break;
    case 'c': put_time(out, 0, &st->st_ctim); break;
    default: return false;
    }
    return true;
}

/* Behind a '%': how much of the format it took. */
static size_t put_directive(const char *format, const struct item *at)
{
    static char text[TEXT_MAX];
    char spec[48];
    size_t width = strspn(format, "-0123456789.");
    char letter = format[width];
    bool is_time = letter && strchr("ATC", letter) && format[width + 1];
    if (!letter || width > sizeof spec - sizeof "%llu") {
        putchar('%');
        return 0;
    }
    if (letter == '%') {
        putchar('%');
        return width + 1;
    }
    if (is_time) {
        const struct stat *st = &at->st;
        put_time(text, format[width + 1], letter == 'A' ? &st->st_atim : letter == 'C' ? &st->st_ctim : &st->st_mtim);
    } else if (!take_letter(text, letter, at)) {
        printf("%%%.*s", (int)width + 1, format);
        return width + 1;
    }
    bool zeros = *format == '0' && strchr("md", letter); /* the others are text to GNU's find */
    snprintf(spec, sizeof spec, "%%%.*s%s", (int)width, format, zeros ? "llu" : "s");
    if (zeros)
        printf(spec, strtoull(text, NULL, 10));
    else
        printf(spec, text);
    return width + 1 + is_time;
}

/* Behind a '\': how much it took. */
static size_t put_escape(const char *format)
{
    static const char letters[] = "abfnrtv\\", meant[] = "\a\b\f\n\r\t\v\\";
    const char *known = *format ? strchr(letters, *format) : NULL;
    if (known) {
        putchar(meant[known - letters]);
        return 1;
    }
    size_t digits = strspn(format, "01234567");
    digits = digits > 3 ? 3 : digits;
    int value = 0;
    for (size_t i = 0; i < digits; i++)
        value = value * 8 + format[i] - '0';
    putchar(digits ? value & 255 : '\\');
    return digits;
}

void print_format(const char *format, const struct item *at)
{
    while (*format) {
        char c = *format++;
        if (c == '%')
            format += put_directive(format, at);
        else if (c == '\\')
            format += put_escape(format);
        else
            putchar(c);
    }
}

void print_long(const struct item *at)
{
    long age = (long)(time(NULL) - at->st.st_mtime);
    print_format("%9i %6k %M %3n %-8u %-8g ", at);
    if (S_ISCHR(at->st.st_mode) || S_ISBLK(at->st.st_mode))
        printf("         ");
    else
        print_format("%8s ", at);
    print_format(age >= 0 && age < HALF_A_YEAR_S ? "%Tb %Te %TH:%TM %p" : "%Tb %Te  %TY %p", at);
    print_format(S_ISLNK(at->st.st_mode) ? " -> %l\n" : "\n", at);
}
