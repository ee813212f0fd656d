/* Kept for whoever needs it; written once, by one CPU, before the others start. */
#include "dev/madt.h"

static struct madt_info kept;
static bool known;

void madt_set(const struct madt_info *info)
{
    kept = *info;
    known = true;
}

const struct madt_info *madt_get(void) { return known ? &kept : NULL; }
