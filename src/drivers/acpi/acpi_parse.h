/* What firmware wrote into its ACPI tables, read with suspicion: every length is checked, nothing
 * is believed to be aligned. Pure. (ACPI specification 6.4, chapter 5) */
#pragma once
#include "lib/types.h"

#define ACPI_HEADER_LEN 36u        /* 5.2.6 */
#define ACPI_TABLE_MAX (4u << 20)  /* larger than any DSDT seen: a broken length */
#define ACPI_RSDP_V1_LEN 20u
#define ACPI_RSDP_V2_LEN 36u

struct acpi_root { paddr_t rsdt, xsdt; }; /* 0: none */

enum acpi_space { ACPI_MEMORY = 0, ACPI_IO = 1 }; /* 5.2.3.2, table 5.1 */
struct acpi_reg { u8 space, bits; u64 addr; };    /* addr 0: not there */

struct acpi_fadt {
    paddr_t dsdt;
    u16 smi_cmd;
    u8 acpi_enable;
    struct acpi_reg pm1a_cnt, pm1b_cnt, sleep_control, pm_timer;
    struct acpi_reg reset; /* addr 0 unless the flag says that it works */
    u8 reset_value;
    bool hw_reduced;
};

/* Do the bytes sum to 0? */
bool acpi_checksum_ok(const u8 *p, size_t len);
/* p has len bytes. 0 or -EINVAL. */
int acpi_rsdp_parse(const u8 *p, size_t len, struct acpi_root *out) MUST_CHECK;
/* Length of the table whose header (36 bytes) is at p, or 0 if it cannot be one. */
u32 acpi_table_len(const u8 *p);
bool acpi_table_is(const u8 *p, const char *signature);
/* The i-th non-null entry of an RSDT or XSDT of len bytes; 0 behind the last. */
paddr_t acpi_root_entry(const u8 *table, u32 len, unsigned i);
int acpi_fadt_parse(const u8 *p, u32 len, struct acpi_fadt *out) MUST_CHECK;
/* Looks for the package named _S5_ in AML and reads the two sleep types for PM1a and PM1b.
 * -ENOENT. The AML is not executed: a firmware that computes _S5_ is not understood. */
int acpi_s5_find(const u8 *aml, size_t len, u8 *type_a, u8 *type_b) MUST_CHECK;
