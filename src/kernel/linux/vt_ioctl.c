/* The requests of virtual consoles (man 2 ioctl_console): which one is shown, what screen and keyboard are.
 * Screen and keyboard cannot be taken away from the kernel: only text mode and Unicode can be asked for.
 * Numbers and structs: linux/vt.h, linux/kd.h. */
#include "linux/abi/ioctl.h"
#include "linux/sys_priv.h"
#include "linux/tty_job.h"

#define KD_TEXT 0
#define K_UNICODE 3
#define K_ESCPREFIX 4
#define KB_101 2
#define VT_AUTO 0

struct lx_vt_stat { u16 active, signal, state; };
struct lx_vt_mode { i8 mode, waitv; i16 relsig, acqsig, frsig; };

static bool may_switch(const struct tty *t)
{
    struct tty *own = lx_ctty_get();
    tty_put(own);
    return own == t || lx_capable(LX_CAP_SYS_TTY_CONFIG);
}

static long get_state(u64 arg)
{
    struct lx_vt_stat s = { .active = (u16)tty_vc_active_number(), .state = (u16)tty_vc_open_mask() };
    return copy_to_user(uptr(arg), &s, sizeof(s));
}

static long find_free(u64 arg)
{
    unsigned used = tty_vc_open_mask();
    i32 n = 1;
    while (used >> n & 1)
        n++;
    n = n <= TTY_VC_COUNT ? n : -1;
    return copy_to_user(uptr(arg), &n, sizeof(n));
}

static long get_mode(u64 arg)
{
    struct lx_vt_mode m = { .mode = VT_AUTO };
    return copy_to_user(uptr(arg), &m, sizeof(m));
}

static long set_mode(struct tty *t, u64 arg)
{
    struct lx_vt_mode m;
    if (!may_switch(t))
        return -EPERM;
    if (copy_from_user(&m, uptr(arg), sizeof(m)) < 0)
        return -EFAULT;
    return m.mode == VT_AUTO ? 0 : lx_missing((u64)m.mode, -EINVAL);
}

static long activate(struct tty *t, u64 number)
{
    if (!may_switch(t))
        return -EPERM;
    return number > TTY_VC_COUNT ? -ENXIO : tty_vc_activate((int)number);
}

static long wait_active(struct tty *t, u64 number)
{
    if (!may_switch(t))
        return -EPERM;
    return number > TTY_VC_COUNT ? -ENXIO : tty_vc_wait_active((int)number);
}

static long put_value(u64 arg, i32 v) { return copy_to_user(uptr(arg), &v, sizeof(v)); }

static long put_byte(u64 arg, u8 v) { return copy_to_user(uptr(arg), &v, sizeof(v)); }

static long set_only(struct tty *t, u64 have, u64 asked)
{
    if (!may_switch(t))
        return -EPERM;
    return asked == have ? 0 : lx_missing(asked, -EINVAL);
}

long lx_vt_ioctl(struct tty *t, u32 cmd, u64 arg)
{
    switch (cmd) {
    case LX_VT_OPENQRY: return find_free(arg);
    case LX_VT_GETMODE: return get_mode(arg);
    case LX_VT_SETMODE: return set_mode(t, arg);
    case LX_VT_GETSTATE: return get_state(arg);
    case LX_VT_ACTIVATE: return activate(t, arg);
    case LX_VT_WAITACTIVE: return wait_active(t, arg);
    case LX_KDGETMODE: return put_value(arg, KD_TEXT);
    case LX_KDSETMODE: return set_only(t, KD_TEXT, arg);
    case LX_KDGKBMODE: return put_value(arg, K_UNICODE);
    case LX_KDSKBMODE: return set_only(t, K_UNICODE, arg);
    case LX_KDGKBTYPE: return put_byte(arg, KB_101);
    case LX_KDGKBMETA: return put_value(arg, K_ESCPREFIX);
    default: return lx_kbd_ioctl(cmd, arg, may_switch(t));
    }
}
