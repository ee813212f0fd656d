/* Finding ACPI tables, for the drivers that read them. */
#pragma once
#include "acpi_parse.h"

/* The nth table with this signature, mapped as a whole with its checksum good; it stays mapped.
 * -ENODEV (no ACPI, or acpi=off), -ENOENT, -ENOMEM. May allocate; not from interrupts. */
int acpi_table_find(const char *signature, unsigned nth, const u8 **table, u32 *len) MUST_CHECK;
/* The same by address (the DSDT is named only in the FADT). */
int acpi_table_map(paddr_t pa, const u8 **table, u32 *len) MUST_CHECK;
void acpi_table_unmap(const u8 *table, u32 len);
