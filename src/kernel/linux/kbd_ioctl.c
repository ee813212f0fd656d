/* The keyboard's layout (man 2 ioctl_console: KDGKBENT and so on), as the loadkeys of every distribution sets
 * it. The layout is everybody's: whoever may switch consoles may change it. */
#include "linux/abi/ioctl.h"
#include "linux/sys_priv.h"
#include "linux/tty_job.h"
#include "mm/slab.h"
#include "tty/keymap.h"

#define LAMPS 7u /* LED_SCR, LED_NUM, LED_CAP */

struct lx_kbentry { u8 table, index; u16 value; };
struct lx_kbdiacr { u8 diacr, base, result; };
struct lx_accents { u32 n; struct keymap_accent a[KEYMAP_ACCENTS_MAX]; }; /* struct kbdiacrsuc */
struct lx_accents8 { u32 n; struct lx_kbdiacr a[KEYMAP_ACCENTS_MAX]; };   /* struct kbdiacrs */

static long get_entry(u64 arg)
{
    struct lx_kbentry e;
    if (copy_from_user(&e, uptr(arg), sizeof(e)) < 0)
        return -EFAULT;
    int r = tty_keymap_get(e.table, e.index, &e.value);
    return r < 0 ? r : copy_to_user(uptr(arg), &e, sizeof(e));
}

static long set_entry(u64 arg)
{
    struct lx_kbentry e;
    if (copy_from_user(&e, uptr(arg), sizeof(e)) < 0)
        return -EFAULT;
    return tty_keymap_set(e.table, e.index, e.value);
}

static long get_accents(u64 arg, struct lx_accents *a, struct lx_accents8 *narrow)
{
    a->n = tty_accents_get(a->a);
    if (!narrow)
        return copy_to_user(uptr(arg), a, sizeof(a->n) + a->n * sizeof(a->a[0]));
    for (u32 i = 0; i < a->n; i++) {
        if (a->a[i].diacr > 255 || a->a[i].base > 255 || a->a[i].result > 255)
            continue; /* cannot be said in a byte */
        narrow->a[narrow->n++] = (struct lx_kbdiacr){ (u8)a->a[i].diacr, (u8)a->a[i].base, (u8)a->a[i].result };
    }
    return copy_to_user(uptr(arg), narrow, sizeof(narrow->n) + narrow->n * sizeof(narrow->a[0]));
}

static long set_accents(u64 arg, struct lx_accents *a, struct lx_accents8 *narrow)
{
    u32 n;
    if (copy_from_user(&n, uptr(arg), sizeof(n)) < 0)
        return -EFAULT;
    if (n > KEYMAP_ACCENTS_MAX)
        return -EINVAL;
    size_t entry = narrow ? sizeof(narrow->a[0]) : sizeof(a->a[0]);
    if (copy_from_user(narrow ? (void *)narrow->a : a->a, uptr(arg + sizeof(n)), n * entry) < 0)
        return -EFAULT;
    for (u32 i = 0; narrow && i < n; i++)
        a->a[i] = (struct keymap_accent){ narrow->a[i].diacr, narrow->a[i].base, narrow->a[i].result };
    tty_accents_set(a->a, n);
    return 0;
}

static long accents_ioctl(u64 arg, bool set, bool narrow)
{
    struct { struct lx_accents wide; struct lx_accents8 narrow; } *buf = kzalloc(sizeof(*buf));
    if (!buf)
        return -ENOMEM;
    struct lx_accents8 *n = narrow ? &buf->narrow : NULL;
    long r = set ? set_accents(arg, &buf->wide, n) : get_accents(arg, &buf->wide, n);
    kfree(buf);
    return r;
}

static long put_lamps(u64 arg, unsigned lamps)
{
    u8 v = (u8)lamps;
    return copy_to_user(uptr(arg), &v, sizeof(v));
}

static long set_leds(u64 arg)
{
    tty_leds_set(!(arg & ~(u64)LAMPS), (unsigned)arg);
    return 0;
}

/* The upper half is what a reset of the terminal brings back; ours leaves the locks alone. */
static long set_locks(u64 arg)
{
    if (arg & ~(u64)(LAMPS | LAMPS << 4))
        return -EINVAL;
    tty_locks_set((unsigned)arg);
    return 0;
}

long lx_kbd_ioctl(u32 cmd, u64 arg, bool may_change)
{
    bool set = cmd == LX_KDSKBENT || cmd == LX_KDSKBDIACR || cmd == LX_KDSKBDIACRUC || cmd == LX_KDSETLED ||
        cmd == LX_KDSKBLED;
    if (set && !may_change)
        return -EPERM;
    switch (cmd) {
    case LX_KDGKBENT: return get_entry(arg);
    case LX_KDSKBENT: return set_entry(arg);
    case LX_KDGKBDIACR:
    case LX_KDSKBDIACR: return accents_ioctl(arg, set, true);
    case LX_KDGKBDIACRUC:
    case LX_KDSKBDIACRUC: return accents_ioctl(arg, set, false);
    case LX_KDGETLED: return put_lamps(arg, tty_leds_get());
    case LX_KDSETLED: return set_leds(arg);
    case LX_KDGKBLED: return put_lamps(arg, tty_locks_get());
    case LX_KDSKBLED: return set_locks(arg);
    default: return lx_missing(cmd, -ENOTTY);
    }
}
