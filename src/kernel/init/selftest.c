/* Runs the in-kernel tests that the command line names. */
#include "init/selftest.h"
#include "init/selftest_util.h"
#include "lib/klog.h"
#include "lib/string.h"

extern const struct selftest __selftests_start[], __selftests_end[];

#define SETTLE_MS 10 /* its threads are buried by another one: the next test counts what is there */

static bool named(const char *list, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = list; p; p = strchr(p, ','), p = p ? p + 1 : NULL)
        if (strncmp(p, name, n) == 0 && (p[n] == ',' || p[n] == 0))
            return true;
    return false;
}

static bool is_harmless(const char *name) { return strncmp(name, "die-", 4) != 0 && strncmp(name, "bench-", 6) != 0; }

void selftest_run(const char *list)
{
    bool all = named(list, "all");
    unsigned ran = 0;

    for (const struct selftest *t = __selftests_start; t < __selftests_end; t++) {
        if (!named(list, t->name) && !(all && is_harmless(t->name)))
            continue;
        t->run();
        sleep_ms(SETTLE_MS);
        kinfo("selftest: %s ok", t->name);
        ran++;
    }
    kinfo("selftest: %u run", ran);
}
