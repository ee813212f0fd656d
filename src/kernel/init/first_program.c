/* Process 1: which program, with which words. As Linux does: init= names it; words of the command
 * line that the kernel does not know go to it, NAME=value ones as environment, the others as
 * arguments, and everything behind "--" as arguments. */
#include "arch/cpu.h"
#include "init/init.h"
#include "dev/boot_device.h"
#include "dev/power.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "linux/linux.h"
#include "mm/slab.h"

#define WORDS_MAX 64

static const char *const kernel_words[] = {
    "init", "console", "loglevel", "quiet", "acpi", "maxcpus", "mem", "root", "selftest", "tsc_khz", "panic", "debug",
    "kstack_paint", "nosmp", "noapic", "watchdog", "palette", "initrd_crc",
};

struct words { const char *argv[WORDS_MAX + 2]; unsigned argc; const char *envp[WORDS_MAX + 4]; unsigned envc; };

static bool is_kernel_word(const char *word, size_t name_len)
{
    for (unsigned i = 0; i < ARRAY_SIZE(kernel_words); i++)
        if (strlen(kernel_words[i]) == name_len && memcmp(kernel_words[i], word, name_len) == 0)
            return true;
    return memchr(word, '.', name_len) != NULL; /* module.parameter: never an argument */
}

static void sort_word(struct words *w, const char *word, bool after_dashes)
{
    const char *eq = strchr(word, '=');

    if (!after_dashes && is_kernel_word(word, eq ? (size_t)(eq - word) : strlen(word)))
        return;
    if (eq && !after_dashes) {
        if (w->envc < WORDS_MAX)
            w->envp[w->envc++] = word;
    } else if (w->argc <= WORDS_MAX) {
        w->argv[w->argc++] = word;
    }
}

/* Splits `line` in place at blanks outside double quotes; quotes are dropped. */
static void split(struct words *w, char *line)
{
    bool after_dashes = false;

    for (char *p = line; *p;) {
        while (*p == ' ' || *p == '\t')
            p++;
        char *word = p, *to = p;
        for (bool quoted = false; *p && (quoted || (*p != ' ' && *p != '\t')); p++) {
            if (*p == '"')
                quoted = !quoted;
            else
                *to++ = *p;
        }
        bool last = *p == 0;
        *to = 0;
        if (!last)
            p++;
        if (strcmp(word, "--") == 0 && !after_dashes)
            after_dashes = true;
        else if (*word)
            sort_word(w, word, after_dashes);
        if (last)
            return;
    }
}

static int try(struct words *w, const char *path)
{
    w->argv[0] = path;
    int r = linux_start_init(path, w->argv, w->envp);
    if (r == 0)
        kinfo("init: started %s as process 1", path);
    else if (r != -ENOENT)
        kerr("init: cannot start %s: error %d", path, -r);
    return r;
}

void start_first_program(const struct bootinfo *bi)
{
    static const char *const usual[] = { "/sbin/init", "/init", "/bin/init", "/bin/sh" };
    const char *named = boot_option("init");
    char *line = kstrdup(bi->cmdline);
    struct words *w = kzalloc(sizeof *w);

    if (!line || !w)
        panic("init: no memory for the command line");
    w->argc = 1;
    w->envp[w->envc++] = "HOME=/";
    w->envp[w->envc++] = "TERM=linux";
    split(w, line);

    int r = -ENOENT;
    if (named && *named)
        r = try(w, named);
    for (unsigned i = 0; r != 0 && i < ARRAY_SIZE(usual) && !(named && *named); i++)
        r = try(w, usual[i]);
    kfree(w);
    if (r == 0) {
        kfree(line);
        return;
    }
    klog(LOG_EMERG, "no init: %s%s could not be started. Is the initrd loaded and complete? System halted.",
         named && *named ? named : "/sbin/init, /init, /bin/init and /bin/sh", "");
    power_halt();
}
