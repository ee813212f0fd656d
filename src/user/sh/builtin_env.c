/* times and getopts. */
#include "sh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/times.h>
#include <unistd.h>

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
