/* Reading ACPI tables. Section numbers are those of the ACPI specification 6.4. */
#include "acpi_parse.h"
#include "lib/errno.h"
#include "lib/string.h"

static u64 get(const u8 *p, unsigned nbytes)
{
    u64 v = 0;
    for (unsigned i = 0; i < nbytes; i++)
        v |= (u64)p[i] << (8 * i);
    return v;
}

bool acpi_checksum_ok(const u8 *p, size_t len)
{
    u8 sum = 0;
    for (size_t i = 0; i < len; i++)
        sum = (u8)(sum + p[i]);
    return sum == 0;
}

/* 5.2.5.3: the first 20 bytes have a checksum of their own; from revision 2 on a length follows. */
int acpi_rsdp_parse(const u8 *p, size_t len, struct acpi_root *out)
{
    if (len < ACPI_RSDP_V1_LEN || memcmp(p, "RSD PTR ", 8) != 0)
        return -EINVAL;
    if (!acpi_checksum_ok(p, ACPI_RSDP_V1_LEN))
        return -EINVAL;
    *out = (struct acpi_root){ .rsdt = get(p + 16, 4) };
    u64 v2_len = len >= ACPI_RSDP_V2_LEN ? get(p + 20, 4) : 0;
    if (p[15] >= 2 && v2_len >= ACPI_RSDP_V2_LEN && v2_len <= len && acpi_checksum_ok(p, v2_len))
        out->xsdt = get(p + 24, 8);
    return out->rsdt || out->xsdt ? 0 : -EINVAL;
}

u32 acpi_table_len(const u8 *p)
{
    u32 len = (u32)get(p + 4, 4);
    return len >= ACPI_HEADER_LEN && len <= ACPI_TABLE_MAX ? len : 0;
}

bool acpi_table_is(const u8 *p, const char *signature) { return memcmp(p, signature, 4) == 0; }

paddr_t acpi_root_entry(const u8 *table, u32 len, unsigned i)
{
    unsigned width = acpi_table_is(table, "XSDT") ? 8 : 4;
    for (u32 at = ACPI_HEADER_LEN; at + width <= len; at += width) {
        paddr_t entry = get(table + at, width);
        if (entry && i-- == 0)
            return entry;
    }
    return 0;
}

/* 5.2.3.2 generic address structure; absent if the table ends before it. */
static struct acpi_reg reg_at(const u8 *p, u32 len, u32 offset)
{
    struct acpi_reg r = { 0 };
    if (offset + 12 > len)
        return r;
    r = (struct acpi_reg){ .space = p[offset], .bits = p[offset + 1], .addr = get(p + offset + 4, 8) };
    if ((r.space != ACPI_IO && r.space != ACPI_MEMORY) || (r.space == ACPI_IO && r.addr > 0xffff))
        r.addr = 0;
    return r;
}

/* 5.2.9: the extended field wins if it is there and not zero. */
static struct acpi_reg control_reg(const u8 *p, u32 len, u32 old_offset, u32 extended_offset)
{
    struct acpi_reg r = reg_at(p, len, extended_offset);
    u64 port = get(p + old_offset, 4);
    if (!r.addr && port <= 0xffff)
        r = (struct acpi_reg){ .space = ACPI_IO, .bits = 16, .addr = port };
    return r;
}

#define FADT_MIN_LEN 116u /* ACPI 1.0 */
#define FADT_RESET_REG_SUP (1u << 10)
#define FADT_HW_REDUCED (1u << 20)

int acpi_fadt_parse(const u8 *p, u32 len, struct acpi_fadt *out)
{
    if (len < FADT_MIN_LEN)
        return -EINVAL;
    u32 flags = (u32)get(p + 112, 4);
    u64 smi_cmd = get(p + 48, 4);
    *out = (struct acpi_fadt){
        .dsdt = get(p + 40, 4),
        .smi_cmd = smi_cmd <= 0xffff ? (u16)smi_cmd : 0,
        .acpi_enable = p[52],
        .pm1a_cnt = control_reg(p, len, 64, 172),
        .pm1b_cnt = control_reg(p, len, 68, 184),
        .pm_timer = control_reg(p, len, 76, 208),
        .sleep_control = reg_at(p, len, 244),
        .hw_reduced = flags & FADT_HW_REDUCED,
    };
    if (len >= 148 && get(p + 140, 8))
        out->dsdt = get(p + 140, 8);
    if (len > 128 && flags & FADT_RESET_REG_SUP) {
        out->reset = reg_at(p, len, 116);
        out->reset_value = p[128];
    }
    return 0;
}

/* 20.2: AML opcodes. */
#define AML_ZERO 0x00
#define AML_ONE 0x01
#define AML_NAME 0x08
#define AML_BYTE 0x0a
#define AML_WORD 0x0b
#define AML_DWORD 0x0c
#define AML_PACKAGE 0x12
#define AML_ROOT '\\'

struct cursor { const u8 *p; size_t left; };

static bool take(struct cursor *c, size_t n, const u8 **bytes)
{
    if (c->left < n)
        return false;
    *bytes = c->p;
    c->p += n;
    c->left -= n;
    return true;
}

/* 20.2.3: an integer constant. */
static bool take_integer(struct cursor *c, u64 *value)
{
    const u8 *op, *data;
    if (!take(c, 1, &op))
        return false;
    if (*op == AML_ZERO || *op == AML_ONE) {
        *value = *op;
        return true;
    }
    unsigned n = *op == AML_BYTE ? 1 : *op == AML_WORD ? 2 : *op == AML_DWORD ? 4 : 0;
    if (n == 0 || !take(c, n, &data))
        return false;
    *value = get(data, n);
    return true;
}

/* 20.2.4, 20.2.5.4: opcode, length (its top two bits say how many bytes follow), element count. */
static bool take_package_head(struct cursor *c, unsigned *nelements)
{
    const u8 *b;
    if (!take(c, 2, &b) || b[0] != AML_PACKAGE || !take(c, b[1] >> 6, &b) || !take(c, 1, &b))
        return false;
    *nelements = *b;
    return true;
}

static bool take_s5(struct cursor c, u8 *type_a, u8 *type_b)
{
    unsigned nelements;
    u64 a, b = 0;
    if (!take_package_head(&c, &nelements) || nelements < 1 || !take_integer(&c, &a))
        return false;
    if (nelements >= 2 && !take_integer(&c, &b))
        return false;
    if (a > 7 || b > 7)
        return false; /* SLP_TYP has three bits (4.8.3.2.1) */
    *type_a = (u8)a;
    *type_b = (u8)b;
    return true;
}

int acpi_s5_find(const u8 *aml, size_t len, u8 *type_a, u8 *type_b)
{
    for (size_t i = 1; i + 4 <= len; i++) {
        if (memcmp(aml + i, "_S5_", 4) != 0)
            continue;
        bool named = aml[i - 1] == AML_NAME ||
                     (i >= 2 && aml[i - 1] == AML_ROOT && aml[i - 2] == AML_NAME);
        if (named && take_s5((struct cursor){ aml + i + 4, len - i - 4 }, type_a, type_b))
            return 0;
    }
    return -ENOENT;
}
