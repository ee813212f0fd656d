/* Finding the fix-up for a fault inside user_copy.asm. */
#include "arch/user_copy.h"

extern const u64 user_copy_fixups[];

vaddr_t user_copy_fixup(vaddr_t rip)
{
    for (const u64 *f = user_copy_fixups; *f; f += 2)
        if (f[0] == rip)
            return f[1];
    return 0;
}
