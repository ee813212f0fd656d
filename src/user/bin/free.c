/* free: memory, from /proc/meminfo. */
#include "../lib/options.h"
#include "../lib/util.h"

#include <stdio.h>

static uint64_t unit = 1024;

static void put_amount(uint64_t bytes, bool human)
{
    char text[24];
    if (human)
        format_size(text, bytes);
    else
        snprintf(text, sizeof text, "%llu", (unsigned long long)(bytes / unit));
    printf(" %11s", text);
}

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    uint64_t total, unused, available = 0, cached = 0;
    static const char letters[] = "bkmgh";
    tool_init(argv, "usage: free [-bkmgh]\n"
                    "Show memory in KiB, or in bytes (-b), MiB (-m), GiB (-g), or readable (-h).\n");
    options_arrange(argc, argv, letters, "bytes=b kibi=k mebi=m gibi=g human=h");
    parse_flags(argc, argv, letters, have);
    unit = have['b'] ? 1 : have['m'] ? 1 << 20 : have['g'] ? 1 << 30 : 1024;
    if (!meminfo_read("MemTotal", &total) || !meminfo_read("MemFree", &unused))
        die("/proc/meminfo");
    if (!meminfo_read("MemAvailable", &available))
        available = unused;
    meminfo_read("Cached", &cached);
    printf("%-5s %11s %11s %11s %11s %11s\n", "", "total", "used", "free", "cached", "available");
    printf("%-5s", "Mem:");
    put_amount(total, have['h']);
    put_amount(total > available ? total - available : 0, have['h']);
    put_amount(unused, have['h']);
    put_amount(cached, have['h']);
    put_amount(available, have['h']);
    putchar('\n');
    return flush_output();
}
