/* ps: the processes, from /proc. */
#include "../lib/util.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ssize_t read_proc(const char *pid, const char *file, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%.16s/%s", pid, file);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = 0;
    return n;
}

/* The command line, or [name] for what has none (kernel threads, the dead). */
static void put_command(const char *pid, const char *name)
{
    char line[512];
    ssize_t n = read_proc(pid, "cmdline", line, sizeof line);
    if (n <= 0) {
        printf("[%s]\n", name);
        return;
    }
    while (n > 0 && !line[n - 1])
        n--;
    for (ssize_t i = 0; i < n; i++)
        putchar(line[i] == 0 ? ' ' : isprint((unsigned char)line[i]) ? line[i] : '?');
    putchar('\n');
}

/* proc(5): pid (comm) state ppid ... utime is field 14, stime 15, rss (pages) 24. */
static void put_process(const char *pid)
{
    char text[1024], size[16];
    char *field[25] = { 0 };
    if (read_proc(pid, "stat", text, sizeof text) <= 0)
        return; /* it ended meanwhile */
    char *name = strchr(text, '('), *close = strrchr(text, ')');
    if (!name || !close)
        return;
    *close = 0;
    int count = 3;
    for (char *word = strtok(close + 1, " \n"); word && count < 25; word = strtok(NULL, " \n"))
        field[count++] = word;
    if (count < 25)
        return;
    unsigned long ticks = strtoul(field[14], NULL, 10) + strtoul(field[15], NULL, 10);
    unsigned long seconds = ticks / (unsigned long)sysconf(_SC_CLK_TCK);
    format_size(size, strtoull(field[24], NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE));
    printf("%5s %5s %-4s %3lu:%02lu %6s ", pid, field[4], field[3], seconds / 60, seconds % 60, size);
    put_command(pid, name + 1);
}

static int is_pid(const struct dirent *entry)
{
    return isdigit((unsigned char)entry->d_name[0]) != 0;
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
    return atoi((*a)->d_name) - atoi((*b)->d_name);
}

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    struct dirent **entries;
    tool_init(argv, "usage: ps [-e] [-f]\nShow all processes: number, parent, state, processor time, memory, command.\n"
                    "States: R running, S sleeping, D waiting for a device, T stopped, Z ended but not waited for.\n");
    parse_flags(argc, argv, "efaux", have);
    int count = scandir("/proc", &entries, is_pid, by_number);
    if (count < 0)
        die("/proc");
    printf("%5s %5s %-4s %6s %6s %s\n", "PID", "PPID", "STAT", "TIME", "RSS", "COMMAND");
    for (int i = 0; i < count; i++)
        put_process(entries[i]->d_name);
    return flush_output();
}
