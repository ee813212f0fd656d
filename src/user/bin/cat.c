/* cat: files, or standard input, to standard output. */
#include "../lib/options.h"
#include "../lib/util.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool number, nonblank, squeeze, ends, tabs, reveal; /* -n -b -s -E -T -v */
static unsigned long line = 1;
static bool at_start = true;

static void put_revealed(unsigned char c)
{
    if (reveal && c >= 128) {
        fputs("M-", stdout);
        c -= 128;
    }
    if (c == '\n')
        fputs(ends ? "$\n" : "\n", stdout);
    else if (c == '\t' ? tabs : reveal && (c < 32 || c == 127))
        printf("^%c", c ^ 64);
    else
        putchar(c);
}

static void put_decorated(const char *data, size_t len)
{
    static bool blank_before;
    for (size_t i = 0; i < len; i++) {
        bool blank = at_start && data[i] == '\n';
        if (squeeze && blank && blank_before)
            continue;
        blank_before = at_start ? blank : blank_before;
        bool wants = nonblank ? data[i] != '\n' : number;
        if (at_start && wants)
            printf("%6lu\t", line++);
        at_start = data[i] == '\n';
        put_revealed((unsigned char)data[i]);
    }
}

static int copy(int fd, const char *name)
{
    static char data[32768];
    for (;;) {
        ssize_t n = read(fd, data, sizeof data);
        if (n < 0)
            warn_errno(name);
        if (n <= 0)
            return n < 0;
        if (number || nonblank || squeeze || ends || tabs || reveal)
            put_decorated(data, (size_t)n);
        else if (full_write(1, data, (size_t)n) < 0)
            die("write error");
    }
}

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    int status = 0;
    static const char letters[] = "nbsvETAetu";
    tool_init(argv, "usage: cat [-nbsvETAetu] [FILE...]\n"
                    "Print files. -n: number lines, -b: only those with text, -s: one empty line for many,\n"
                    "-v: show what is invisible, -E: ends of lines as $, -T: tabs as ^I, -A: all three; -e: -vE, -t: -vT. '-' is standard input.\n");
    options_arrange(argc, argv, letters,
                    "number=n number-nonblank=b squeeze-blank=s show-nonprinting=v show-ends=E show-tabs=T show-all=A");
    int index = parse_flags(argc, argv, letters, have);
    number = have['n'], nonblank = have['b'], squeeze = have['s'];
    reveal = have['v'] || have['A'] || have['e'] || have['t'];
    ends = have['E'] || have['A'] || have['e'], tabs = have['T'] || have['A'] || have['t'];
    if (index == argc)
        status = copy(0, "standard input");
    for (; index < argc; index++) {
        bool standard = strcmp(argv[index], "-") == 0;
        int fd = standard ? 0 : open(argv[index], O_RDONLY);
        if (fd < 0) {
            warn_errno(argv[index]);
            status = 1;
            continue;
        }
        status |= copy(fd, argv[index]);
        if (!standard)
            close(fd);
    }
    return flush_output() | status;
}
