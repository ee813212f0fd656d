/* The consoles: who gets the log, who gets the shell.
 *
 * Owns the table of sinks and the choice among them. The table only grows, so readers take no
 * lock: a sink is complete before the count that covers it is published. Writers (registration)
 * hold `lock`; lib/klog is called outside of it, because replaying the log calls the sinks.
 *
 * Text of the log may quote what a program chose (names, paths). So that no program can move the
 * cursor of the operator's terminal or make it answer, log text loses its control characters here;
 * the shell's output is the program's own business and passes untouched. */
#include "dev/console_priv.h"

#include "dev/boot_device.h"
#include "dev/console_select.h"
#include "dev/lock.h"
#include "lib/string.h"

#define WORDS_MAX 8

static struct console_sink *sinks[CONSOLE_MAX];
static unsigned nsinks; /* published with release */
static bool panicking;
static struct spinlock lock = SPINLOCK_INIT("console");

static unsigned sinks_count(void)
{
    return __atomic_load_n(&nsinks, __ATOMIC_ACQUIRE);
}

static unsigned words_get(const char *words[WORDS_MAX])
{
    unsigned n = 0;

    for (const char *w; (w = boot_option_nth("console", n)) && n < WORDS_MAX; n++)
        words[n] = w;
    return n;
}

static void select_locked(void)
{
    struct console_choice choice[CONSOLE_MAX];
    const char *words[WORDS_MAX];
    unsigned n = nsinks;

    for (unsigned i = 0; i < n; i++)
        choice[i].name = sinks[i]->name;
    console_select(choice, n, words, words_get(words));
    for (unsigned i = 0; i < n; i++) {
        __atomic_store_n(&sinks[i]->log, choice[i].log, __ATOMIC_RELAXED);
        __atomic_store_n(&sinks[i]->tty, choice[i].tty, __ATOMIC_RELAXED);
    }
}

/* Sinks that are selected for the log for the first time join it, with all that was said before. */
static void logs_join(void)
{
    for (unsigned i = 0; i < sinks_count(); i++) {
        struct console_sink *s = sinks[i];
        if (!s->log || __atomic_exchange_n(&s->logging, true, __ATOMIC_ACQ_REL))
            continue;
        console_log_join(s);
    }
}

void console_register(struct console_sink *s)
{
    u64 state = spin_lock_irqsave(&lock);
    bool room = nsinks < CONSOLE_MAX;
    if (room) {
        sinks[nsinks] = s;
        __atomic_store_n(&nsinks, nsinks + 1, __ATOMIC_RELEASE);
        select_locked();
    }
    spin_unlock_irqrestore(&lock, state);
    if (room)
        logs_join();
}

void console_select_init(void)
{
    u64 state = spin_lock_irqsave(&lock);
    select_locked();
    spin_unlock_irqrestore(&lock, state);
    logs_join();
}

void console_write(const char *bytes, size_t n)
{
    unsigned count = sinks_count();

    for (unsigned i = 0; i < count; i++)
        if (__atomic_load_n(&sinks[i]->tty, __ATOMIC_RELAXED))
            console_text_write(sinks[i], bytes, n);
}

static struct console_sink *sink_find(const char *name)
{
    for (unsigned i = 0; i < sinks_count(); i++)
        if (strcmp(sinks[i]->name, name) == 0)
            return sinks[i];
    return NULL;
}

void console_write_only(const char *name, const char *bytes, size_t n)
{
    struct console_sink *s = sink_find(name);

    if (s)
        console_text_write(s, bytes, n);
}

size_t console_read_only(const char *name, char *bytes, size_t n)
{
    struct console_sink *s = sink_find(name);

    return s && s->read ? s->read(s, bytes, n) : 0;
}

bool console_takes_input_from(const char *name)
{
    struct console_sink *s = sink_find(name);

    /* A keyboard without a screen counts when nothing was chosen: it may be the only input. */
    return s ? __atomic_load_n(&s->tty, __ATOMIC_RELAXED) : !boot_option("console");
}

bool console_exists(const char *name)
{
    return sink_find(name) != NULL;
}

bool console_describe(unsigned i, const char **name, bool *log, bool *tty)
{
    if (i >= sinks_count())
        return false;
    *name = sinks[i]->name;
    *log = __atomic_load_n(&sinks[i]->log, __ATOMIC_RELAXED);
    *tty = __atomic_load_n(&sinks[i]->tty, __ATOMIC_RELAXED);
    return true;
}

void console_panic_mode(void)
{
    __atomic_store_n(&panicking, true, __ATOMIC_SEQ_CST);
    log_last_words();
}

bool console_in_panic(void)
{
    return __atomic_load_n(&panicking, __ATOMIC_RELAXED);
}
