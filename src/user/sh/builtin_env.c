/* Builtins about the shell's surroundings: directory, options, umask, times, getopts. */
#include "sh.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <unistd.h>

int builtin_cd(char **argv)
{
    char directory[PATH_MAX];
    const char *target = argv[1] && strcmp(argv[1], "--") == 0 ? argv[2] : argv[1];
    bool back = target && strcmp(target, "-") == 0;
    if (!target || back)
        target = var_get(back ? "OLDPWD" : "HOME");
    if (!target) {
        shell_error("cd: %s is not set", back ? "OLDPWD" : "HOME");
        return 2;
    }
    char *old = getcwd(directory, sizeof directory) ? arena_strndup(&shell.scratch, directory, strlen(directory)) : NULL;
    if (chdir(target) < 0) {
        shell_error("cd: %s: %s", target, strerror(errno));
        return 2;
    }
    if (old)
        var_set("OLDPWD", old);
    if (getcwd(directory, sizeof directory))
        var_set("PWD", directory);
    if (back)
        puts(directory);
    return 0;
}

int builtin_pwd(char **argv)
{
    char directory[PATH_MAX];
    (void)argv;
    if (!getcwd(directory, sizeof directory)) {
        shell_error("pwd: %s", strerror(errno));
        return 1;
    }
    puts(directory);
    return 0;
}

static bool set_option(char c, bool on)
{
    switch (c) {
    case 'e': shell.opt_errexit = on; return true;
    case 'u': shell.opt_nounset = on; return true;
    case 'x': shell.opt_xtrace = on; return true;
    case 'f': shell.opt_noglob = on; return true;
    }
    return false;
}

static bool set_long_option(const char *name, bool on)
{
    static const char *const names[] = { "eerrexit", "unounset", "xxtrace", "fnoglob" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name && strcmp(name, names[i] + 1) == 0)
            return set_option(names[i][0], on);
    return false;
}

int builtin_set(char **argv)
{
    char **arg = argv + 1;
    if (!*arg) {
        vars_print(false, false, "");
        return 0;
    }
    for (; *arg && (**arg == '-' || **arg == '+') && (*arg)[1]; arg++) {
        bool on = **arg == '-';
        if (strcmp(*arg, "--") == 0) {
            arg++;
            goto positional;
        }
        if (strcmp(*arg + 1, "o") == 0 && arg[1]) {
            if (!set_long_option(*++arg, on)) {
                shell_error("set: %s: no such option", *arg);
                return 2;
            }
            continue;
        }
        for (const char *c = *arg + 1; *c; c++)
            if (!set_option(*c, on)) {
                shell_error("set: -%c: no such option", *c);
                return 2;
            }
    }
    if (!*arg)
        return 0;
positional:;
    int count = 0;
    while (arg[count])
        count++;
    params_set(&shell.params, arg, count);
    return 0;
}

int builtin_umask(char **argv)
{
    mode_t mask = umask(0);
    umask(mask);
    if (!argv[1]) {
        printf("%04o\n", (unsigned)mask);
        return 0;
    }
    char *end;
    unsigned long value = strtoul(argv[1], &end, 8);
    if (!*argv[1] || *end || value > 0777) {
        shell_error("umask: %s: not an octal mask", argv[1]);
        return 2;
    }
    umask((mode_t)value);
    return 0;
}

static void print_time(clock_t ticks, const char *after)
{
    long rate = sysconf(_SC_CLK_TCK);
    printf("%ldm%ld.%02lds%s", ticks / rate / 60, ticks / rate % 60, ticks % rate * 100 / rate, after);
}

int builtin_times(char **argv)
{
    struct tms tms;
    (void)argv;
    if (times(&tms) == (clock_t)-1)
        return 1;
    print_time(tms.tms_utime, " ");
    print_time(tms.tms_stime, "\n");
    print_time(tms.tms_cutime, " ");
    print_time(tms.tms_cstime, "\n");
    return 0;
}

/* ---- getopts (POSIX XCU getopts): OPTIND names the word, `inside` the letter in it ---- */

static void set_index(int index)
{
    char digits[16];
    snprintf(digits, sizeof digits, "%d", index);
    var_set("OPTIND", digits);
}

static int finish_option(const char *name, char letter)
{
    char text[2] = { letter, 0 };
    return var_set(name, text) ? 0 : 2;
}

static int option_problem(const char *name, bool quiet, char letter, char quiet_letter, const char *what)
{
    char text[2] = { letter, 0 };
    if (quiet) {
        var_set("OPTARG", text);
        return finish_option(name, quiet_letter);
    }
    shell_error("-%c: %s", letter, what);
    var_unset("OPTARG");
    return finish_option(name, '?');
}

int builtin_getopts(char **argv)
{
    static int inside, last_index;
    if (!argv[1] || !argv[2]) {
        shell_error("usage: getopts OPTIONS NAME [ARG...]");
        return 2;
    }
    static char *nothing[] = { NULL };
    char **args = argv[3] ? argv + 3 : shell.params.argv ? shell.params.argv : nothing;
    const char *options = argv[1] + (argv[1][0] == ':'), *name = argv[2];
    bool quiet = argv[1][0] == ':';
    int index = atoi(var_get("OPTIND") ? var_get("OPTIND") : "1"), count = 0;
    while (args[count])
        count++;
    if (index < 1 || index != last_index)
        inside = 0;
    const char *word = index >= 1 && index <= count ? args[index - 1] : NULL;
    if (inside == 0 && (!word || word[0] != '-' || !word[1] || strcmp(word, "--") == 0)) {
        if (word && strcmp(word, "--") == 0)
            index++;
        set_index(last_index = index < 1 ? 1 : index);
        var_set(name, "?");
        return 1;
    }
    char letter = word[inside ? inside : 1];
    inside = inside ? inside + 1 : 2;
    const char *found = letter == ':' ? NULL : strchr(options, letter);
    bool wants = found && found[1] == ':';
    const char *rest = word[inside] ? word + inside : NULL;
    if (!rest || wants) {
        inside = 0;
        index++;
    }
    if (wants && !rest && index <= count)
        rest = args[index++ - 1];
    else if (!wants)
        rest = NULL;
    set_index(last_index = index);
    if (!found)
        return option_problem(name, quiet, letter, '?', "no such option");
    if (wants && !rest)
        return option_problem(name, quiet, letter, ':', "needs an argument");
    if (rest)
        var_set("OPTARG", rest);
    else
        var_unset("OPTARG");
    return finish_option(name, letter);
}
