/* dmesg: the kernel's log (syslog(2), lines of "<level>text"). */
#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

enum { LOG_READ_ALL = 3, LOG_READ_CLEAR = 4, LOG_CLEAR = 5, LOG_CONSOLE_LEVEL = 8, LOG_SIZE = 10 }; /* syslog(2) */

static void put_lines(const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        size_t skip = 0;
        if (*text == '<') {
            skip = 1 + strspn(text + 1, "0123456789");
            skip = text[skip] == '>' ? skip + 1 : 0;
        }
        fwrite(text + skip, 1, len - skip, stdout);
        putchar('\n');
        text += len + (text[len] == '\n');
    }
}

int main(int argc, char **argv)
{
    uint64_t level;
    tool_init(argv, "usage: dmesg [-c | -C | -n LEVEL]\n"
                    "Print the kernel's log. -c: print, then empty it, -C: empty it,\n"
                    "-n: what the console shows (1 to 8, more is more).\n");
    if (argc == 3 && strcmp(argv[1], "-n") == 0) {
        if (!parse_u64(argv[2], &level) || level < 1 || level > 8)
            die_usage();
        if (klogctl(LOG_CONSOLE_LEVEL, NULL, (int)level) < 0)
            die("console level");
        return 0;
    }
    bool take = argc == 2 && strcmp(argv[1], "-c") == 0, drop = argc == 2 && strcmp(argv[1], "-C") == 0;
    if (argc > 1 && !take && !drop)
        die_usage();
    if (drop && klogctl(LOG_CLEAR, NULL, 0) < 0)
        die("kernel log");
    if (drop)
        return 0;
    int size = klogctl(LOG_SIZE, NULL, 0);
    size = size > 0 ? size : 1 << 17;
    char *text = malloc((size_t)size + 1);
    if (!text)
        die("memory");
    int n = klogctl(take ? LOG_READ_CLEAR : LOG_READ_ALL, text, size);
    if (n < 0)
        die("kernel log");
    text[n] = 0;
    put_lines(text);
    free(text);
    return flush_output();
}
