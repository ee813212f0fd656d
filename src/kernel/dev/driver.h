/* How a driver announces itself: DRIVER(name, level, init) puts a line in a linker table, and
 * drivers_init(level) calls them in the order of the table. init returns 0, or -ENODEV when the
 * hardware is not there (said at debug level only), or another error (logged). */
#pragma once
#include "lib/types.h"

enum driver_level {
    DRIVER_EARLY,   /* before memory: outputs that need no allocation (serial, 0xE9) */
    DRIVER_PLATFORM, /* firmware's tables and counters, which the others ask; the log works from here on */
    DRIVER_IRQCHIP, /* interrupt controllers, timers */
    DRIVER_BUS,     /* what devices hang on: which ones there are */
    DRIVER_DEVICE,  /* everything else */
};
struct driver { const char *name; enum driver_level level; int (*init)(void); };

#define DRIVER(name_, level_, init_)                                                         \
    static const struct driver driver_##name_                                                \
        __attribute__((used, section(".drivers"), aligned(8))) = { #name_, level_, init_ }

void drivers_init(enum driver_level level);
