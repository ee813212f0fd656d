/* The one screen: whoever registers first. Later ones are told in the log and left alone. */
#include "dev/display.h"

#include "lib/assert.h"
#include "lib/klog.h"

static struct display *screen;

void display_register(struct display *d)
{
    struct display *none = NULL;

    ASSERT(d->cols > 0 && d->rows > 0);
    if (!__atomic_compare_exchange_n(&screen, &none, d, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        kinfo("display: %s not used, %s is the screen", d->name, none->name);
}

struct display *display_get(void)
{
    return __atomic_load_n(&screen, __ATOMIC_ACQUIRE);
}
