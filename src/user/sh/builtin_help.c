/* help: what there is, on one screen; `help -l` with a line for each, `help NAME` about one, `help keys`. */
#include "sh.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_WIDTH 76

/* What the tools say of themselves; a tool not listed is still shown, by name. */
static const char *const tool_lines[][2] = {
    { "[", "the same as test" },
    { "busybox", "three hundred tools in one, from the distribution: busybox --list" },
    { "cal", "a calendar" },
    { "cat", "print files" },
    { "chmod", "who may do what with files" },
    { "chown", "whose files are" },
    { "clear", "clear the screen" },
    { "compat", "what programs asked for that is not there" },
    { "cp", "copy files" },
    { "cut", "columns of lines" },
    { "date", "the time" },
    { "demo", "several processes at once, visibly" },
    { "df", "how full file systems are" },
    { "dmesg", "what the kernel has logged" },
    { "du", "how much directories hold" },
    { "echo", "print text" },
    { "edit", "a small full-screen editor" },
    { "env", "print or change the environment" },
    { "expr", "compute with words and numbers" },
    { "false", "fail" },
    { "find", "find files by name, kind, size, age" },
    { "free", "memory: total, used, free" },
    { "grep", "find lines" },
    { "gunzip", "uncompress files" },
    { "halt", "stop the machine" },
    { "gzip", "compress files; gunzip, zcat: back" },
    { "head", "the first lines" },
    { "hexdump", "bytes as numbers" },
    { "hostname", "this machine's name" },
    { "id", "who you are" },
    { "kill", "send a signal" },
    { "less", "read page by page; h shows its keys" },
    { "ln", "make links" },
    { "loadkeys", "the keyboard's layout: loadkeys de" },
    { "ls", "list files" },
    { "man", "about a program or a system call: man ls, man 2 poll" },
    { "mkdir", "make directories" },
    { "more", "read page by page" },
    { "mount", "what is mounted, or mount" },
    { "mv", "move or rename" },
    { "nice", "run a program with less of the processor" },
    { "nproc", "how many processors there are" },
    { "pgrep", "processes by name" },
    { "pkill", "send a signal to processes by name" },
    { "poweroff", "switch the machine off" },
    { "printf", "print by a format" },
    { "ps", "running programs" },
    { "pwd", "where you are" },
    { "reboot", "start again" },
    { "renice", "more or less of the processor for a process" },
    { "reset", "make the terminal usable again" },
    { "rm", "remove files" },
    { "rmdir", "remove empty directories" },
    { "sh", "this shell" },
    { "sed", "edit lines by a script" },
    { "seq", "count" },
    { "sleep", "wait" },
    { "sort", "order lines" },
    { "stat", "all about a file" },
    { "sync", "write everything to disk" },
    { "system-check", "try what a system must do" },
    { "tail", "the last lines" },
    { "tee", "write to files and go on" },
    { "test", "compare, or ask about files" },
    { "time", "how long a program takes" },
    { "tools", "the program all these tools are" },
    { "top", "what is running, as it changes" },
    { "touch", "make a file, or set its time" },
    { "tar", "put files into an archive, and take them out" },
    { "tr", "replace or remove characters" },
    { "trace", "show the system calls a program makes" },
    { "true", "succeed" },
    { "umount", "unmount" },
    { "uname", "name and version of the system" },
    { "uniq", "drop repeated lines" },
    { "uptime", "how long it has been running" },
    { "wc", "count lines, words, bytes" },
    { "xargs", "run a command with words from standard input" },
    { "zcat", "print compressed files" },
};

static const char *tool_line(const char *name)
{
    for (size_t i = 0; i < sizeof tool_lines / sizeof *tool_lines; i++)
        if (strcmp(name, tool_lines[i][0]) == 0)
            return tool_lines[i][1];
    return "";
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Prints a name, in columns or with its line. */
static void show(const char *name, const char *line, bool lines, int *column)
{
    if (lines) {
        printf("  %-12s %s\n", name, line);
        return;
    }
    int width = (int)strlen(name) + 1;
    if (*column + width > LINE_WIDTH || *column == 0) {
        printf(*column ? "\n " : " ");
        *column = 1;
    }
    printf(" %s", name);
    *column += width;
}

static void show_tools(bool lines)
{
    struct dirent **entries;
    int count = scandir("/bin", &entries, visible, alphasort), column = 0;
    if (count < 0) {
        printf("  (cannot read /bin: %s)\n", strerror(errno));
        return;
    }
    bool many = count > 100; /* a distribution's /bin: only what we know */
    for (int i = 0; i < count; i++) {
        const char *line = tool_line(entries[i]->d_name);
        if (!many || *line)
            show(entries[i]->d_name, line, lines, &column);
        free(entries[i]);
    }
    free(entries);
    if (!lines)
        putchar('\n');
}

static void help_keys(void)
{
    puts("Keys at the prompt:\n"
         "  Tab            complete a command, a file or a $variable; twice: list what fits\n"
         "  Up, Down       commands typed before; Ctrl-R searches them; Alt-. their last word\n"
         "  Home, End      ends of the line (Ctrl-A, Ctrl-E); Ctrl- or Alt-arrows: by words\n"
         "  Ctrl-U, K, W   cut to the start, to the end, the word before; Ctrl-Y puts it back\n"
         "  Ctrl-_         undo; Ctrl-T swaps two letters; Ctrl-V takes the next key as it is\n"
         "  Ctrl-L         clear the screen; Ctrl-C gives the line up; Ctrl-D ends the shell\n"
         "  Ctrl-Z         stops a program: fg goes on with it, bg lets it run behind, jobs lists\n\n"
         "Commands are remembered in ~/.sh_history ($HISTFILE), the last 1000 ($HISTSIZE).\n"
         "Aliases, PS1 and functions for every session: /etc/profile, or the file that $ENV names.");
}

static int help_about(const char *name)
{
    const struct builtin *builtin = builtin_find(name);
    if (builtin)
        printf("%s %s\n", builtin->name, builtin->help);
    else if (*tool_line(name))
        printf("%s: %s. More: %s --help\n", name, tool_line(name), name);
    else
        shell_error("help: nothing is known about %s; try: %s --help", name, name);
    return !builtin && !*tool_line(name);
}

int builtin_help(char **argv)
{
    bool lines = argv[1] && strcmp(argv[1], "-l") == 0;
    int column = 0;
    if (argv[1] && strcmp(argv[1], "keys") == 0) {
        help_keys();
        return 0;
    }
    if (argv[1] && !lines)
        return help_about(argv[1]);
    puts("The shell knows:");
    for (const struct builtin *builtin = builtins; builtin->name; builtin++)
        show(builtin->name, builtin->help, lines, &column);
    puts(lines ? "\nPrograms in /bin:" : "\n\nPrograms in /bin:");
    show_tools(lines);
    puts("\nhelp NAME tells about one, help -l about all, help keys what the keys do.\n\n"
         "Three things to try:\n"
         "  ls -l /bin | cat                     programs joined by a pipe\n"
         "  edit /etc/motd                       a full-screen program; leave it with ^Q\n"
         "  for i in 1 2 3; do echo $i; done     the shell is a language");
    return 0;
}
