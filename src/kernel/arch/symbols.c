/* Names for addresses, from a table as small as can be read without unpacking it: a mark for every 64th function,
 * from which one walks, and names in which frequent pairs of bytes are one byte (symbols.h). A lookup is a search
 * among some fifty marks and a walk over at most 64 names, good enough for panics and backtraces. */
#include "arch/debug.h"
#include "arch/symbols.h"

/* Weak, so that the first link, from which the table is made, works without. */
#pragma weak symbol_marks
#pragma weak symbol_steps
#pragma weak symbol_names
#pragma weak symbol_pairs
#pragma weak symbol_count
extern char __text_start[], __text_end[];

static u32 mark_find(u32 want)
{
    u32 lo = 0, hi = (symbol_count + SYMBOL_MARK_EVERY - 1) / SYMBOL_MARK_EVERY;

    while (hi - lo > 1) {
        u32 mid = lo + (hi - lo) / 2;
        if (symbol_marks[mid].offset <= want)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

/* What does not fit is cut off. */
static void name_copy(const u8 *from, struct symbol_name *out)
{
    u8 waiting[SYMBOL_DEPTH_MAX];
    unsigned n = 0, len = 0;

    while (len < sizeof(out->text) - 1) {
        u8 c = n > 0 ? waiting[--n] : *from++;
        if (c >= 128 && n + 2 <= sizeof(waiting)) {
            waiting[n++] = symbol_pairs[2 * (c - 128) + 1];
            waiting[n++] = symbol_pairs[2 * (c - 128)];
        } else if (c) {
            out->text[len++] = (char)c;
        } else {
            break;
        }
    }
    out->text[len] = '\0';
}

const char *symbol_lookup(vaddr_t addr, u64 *offset, struct symbol_name *out)
{
    if (!addr_in_text(addr) || &symbol_count == NULL || symbol_count == 0)
        return NULL;
    u32 want = (u32)(addr - (vaddr_t)__text_start), mark = mark_find(want), at = symbol_marks[mark].offset;
    const u8 *name = symbol_names + symbol_marks[mark].name;

    for (u32 i = mark * SYMBOL_MARK_EVERY; i + 1 < symbol_count && at + symbol_steps[i] <= want; i++) {
        at += symbol_steps[i];
        while (*name++)
            ;
    }
    name_copy(name, out);
    *offset = want - at;
    return out->text;
}

bool addr_in_text(vaddr_t addr)
{
    return addr >= (vaddr_t)__text_start && addr < (vaddr_t)__text_end;
}
