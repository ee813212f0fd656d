/* From the boot loader's tags to struct bootinfo. */
#pragma once
#include "lib/bootinfo.h"

/* Map entries that mb2_parse leaves free in bi->range for its caller (the kernel image). */
#define MB2_SPARE_RANGES 1

/* Fills in all of *bi; nothing in it points into mbi afterwards.
 *
 * mbi: the information structure, whose first mapped_limit bytes may be read, and not one byte
 * behind the size it names itself. It lies below 4 GiB, and where it is seen, the low 32 bits of
 * its virtual address are its physical address (true of boot's direct map and of identity maps).
 *
 * 0; -EINVAL: not a whole structure (sizes beyond their container, no end tag); -ENODATA: it says
 * nothing about memory. What is whole but senseless (a module that ends before it begins, a screen
 * larger than its line) is left out. */
int mb2_parse(const void *mbi, size_t mapped_limit, struct bootinfo *bi) MUST_CHECK;
