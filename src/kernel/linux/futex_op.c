/* FUTEX_WAKE_OP (futex(2)): change one word, wake at two. The change is one atomic instruction and
 * comes before the wake-ups, so who waits at the word sees either the new value or a wake-up. */
#include "linux/futex.h"
#include "arch/user_copy.h"
#include "lib/errno.h"
#include "vm/usercopy.h"

/* The encoding of FUTEX_OP(op, oparg, cmp, cmparg): four fields of 4, 4, 12 and 12 bits. */
#define OP_SHIFT_FLAG 8u /* the argument is 1 << oparg */
struct op { u32 op, compare; i32 arg, against; };

static struct op decode(u32 word)
{
    struct op o = { word >> 28 & 15, word >> 24 & 15, (i32)(word << 8) >> 20, (i32)(word << 20) >> 20 };
    if (o.op & OP_SHIFT_FLAG)
        o.arg = (i32)(1u << (o.arg & 31));
    o.op &= ~OP_SHIFT_FLAG;
    return o;
}

static bool compute(const struct op *o, u32 old, u32 *new)
{
    u32 arg = (u32)o->arg;
    switch (o->op) {
    case 0: *new = arg; return true;
    case 1: *new = old + arg; return true;
    case 2: *new = old | arg; return true;
    case 3: *new = old & ~arg; return true;
    case 4: *new = old ^ arg; return true;
    default: return false;
    }
}

static bool compares(const struct op *o, u32 old)
{
    i32 a = (i32)old, b = o->against;
    switch (o->compare) {
    case 0: return a == b;
    case 1: return a != b;
    case 2: return a < b;
    case 3: return a <= b;
    case 4: return a > b;
    default: return a >= b;
    }
}

static int change(vaddr_t addr, const struct op *o, u32 *old)
{
    u32 new;
    if (copy_from_user(old, uptr(addr), sizeof *old))
        return -EFAULT;
    for (u32 expect = *old; compute(o, expect, &new); expect = *old) {
        if (user_cmpxchg32_raw((u32 *)addr, expect, new, old) < 0)
            return -EFAULT;
        if (*old == expect)
            return 0;
    }
    return -ENOSYS;
}

int futex_wake_op(vaddr_t addr, vaddr_t addr2, bool private, unsigned n, unsigned n2, u32 word)
{
    struct op o = decode(word);
    struct futex_key one, two;
    u32 old;
    if (o.compare > 5)
        return -ENOSYS;
    int r = futex_key_get(addr, private, &one);
    if (r < 0)
        return r;
    r = futex_key_get(addr2, private, &two);
    if (r < 0)
        goto put_one;
    r = change(addr2, &o, &old);
    if (r == 0) {
        r = futex_wake(one, n, FUTEX_BITSET_ANY);
        int more = r >= 0 && compares(&o, old) ? futex_wake(two, n2, FUTEX_BITSET_ANY) : 0;
        r = more < 0 ? more : r + more;
    }
    futex_key_put(two);
put_one:
    futex_key_put(one);
    return r;
}
