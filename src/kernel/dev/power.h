/* Ending. Each tries every way this machine might know, best first, and halts with a message on
 * the consoles if none worked. Drivers register ways; lower rank is tried first. */
#pragma once
#include "lib/types.h"

enum power_action { POWER_OFF, POWER_REBOOT };
struct power_method {
    const char *name;
    enum power_action action;
    int rank;
    void (*fn)(void);
    struct power_method *next;
};

void power_register(struct power_method *m);
NORETURN void power_do(enum power_action action);
NORETURN void power_halt(void);
