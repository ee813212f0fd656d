/* The options of `set` and of the command line: one table, from which the letters, the names, the lists of
 * `set -o` and `set +o`, and $- come. */
#include "sh.h"

#include <stdio.h>
#include <string.h>

static const struct {
    char letter; /* 0: has only a name */
    const char *name;
} table[NOPTIONS] = {
    [OPT_ERREXIT] = { 'e', "errexit" },     [OPT_NOGLOB] = { 'f', "noglob" },     [OPT_IGNOREEOF] = { 'I', "ignoreeof" },
    [OPT_INTERACTIVE] = { 'i', "interactive" }, [OPT_MONITOR] = { 'm', "monitor" }, [OPT_NOEXEC] = { 'n', "noexec" },
    [OPT_STDIN] = { 's', "stdin" },         [OPT_XTRACE] = { 'x', "xtrace" },     [OPT_VERBOSE] = { 'v', "verbose" },
    [OPT_NOCLOBBER] = { 'C', "noclobber" }, [OPT_ALLEXPORT] = { 'a', "allexport" }, [OPT_NOTIFY] = { 'b', "notify" },
    [OPT_NOUNSET] = { 'u', "nounset" },     [OPT_HASHALL] = { 'h', "hashall" },
};

static int find_letter(char letter)
{
    for (int i = 0; i < NOPTIONS; i++)
        if (letter && table[i].letter == letter)
            return i;
    return -1;
}

static int find_name(const char *name)
{
    for (int i = 0; i < NOPTIONS; i++)
        if (strcmp(table[i].name, name) == 0)
            return i;
    return -1;
}

static bool option_change(int option, bool on)
{
    if (option < 0)
        return false;
    if (option == OPT_MONITOR && shell.interactive)
        shell.monitor = on && shell.pgid;
    shell.opt[option] = on;
    return true;
}

bool option_set_letter(char letter, bool on)
{
    return option_change(find_letter(letter), on);
}

bool option_set_name(const char *name, bool on)
{
    return option_change(find_name(name), on);
}

void options_letters(char *out)
{
    for (int i = 0; i < NOPTIONS; i++)
        if (table[i].letter && shell.opt[i])
            *out++ = table[i].letter;
    *out = 0;
}

static void options_list(bool as_commands)
{
    if (!as_commands)
        puts("Current option settings");
    for (int i = 0; i < NOPTIONS; i++)
        if (as_commands)
            printf("set %co %s\n", shell.opt[i] ? '-' : '+', table[i].name);
        else
            printf("%-16s%s\n", table[i].name, shell.opt[i] ? "on" : "off");
}

/* One word of options: "-eu", "+x", "-o NAME". How many words it took; 0 with a message: no such option. */
static int set_word(char **arg)
{
    bool on = **arg == '-';
    for (const char *c = *arg + 1; *c; c++) {
        if (*c == 'o' && !arg[1]) {
            options_list(!on);
            return 1;
        }
        bool named = *c == 'o';
        if (!(named ? option_set_name(arg[1], on) : option_set_letter(*c, on))) {
            shell_error("set: %s%.*s: no such option", named ? "" : on ? "-" : "+", named ? 40 : 1, named ? arg[1] : c);
            return 0;
        }
        if (named)
            return 2;
    }
    return 1;
}

int builtin_set(char **argv)
{
    char **arg = argv + 1;
    bool positional = false;
    if (!*arg)
        vars_print(false, false, "");
    while (*arg && (**arg == '-' || **arg == '+') && !positional) {
        if (!(*arg)[1] && **arg == '-') /* "-" alone: -x and -v end (XCU set, obsolete but used) */
            shell.opt[OPT_XTRACE] = shell.opt[OPT_VERBOSE] = false;
        positional = strcmp(*arg, "--") == 0 || !(*arg)[1];
        int taken = positional ? 1 : set_word(arg);
        if (!taken)
            return builtin_fatal(2);
        positional = positional && (arg[1] || arg[0][1]);
        arg += taken;
    }
    if (!*arg && !positional)
        return 0;
    int count = 0;
    while (arg[count])
        count++;
    params_set(&shell.params, arg, count);
    return 0;
}
