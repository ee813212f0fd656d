/* The requests of terminals (man 2 ioctl_tty), by what they are about: settings, queues, the master of a pty;
 * sessions and groups are tty_job.c's. A master stands for its slave in all but its own requests. */
#include "linux/abi/ioctl.h"
#include "linux/sys_priv.h"
#include "linux/tty_job.h"

#define NO_REQUEST 1 /* not one of these: look further */
#define N_TTY 0      /* the one line discipline */
#define SPEED_BITS T_CBAUD
#define BOTHER 010000u          /* the speed is in ispeed, ospeed */

_Static_assert(sizeof(struct tty_termios) == 36, "the kernel's struct termios is 36 bytes");
struct lx_termios2 { struct tty_termios t; u32 ispeed, ospeed; };
_Static_assert(sizeof(struct lx_termios2) == 44, "asm-generic/termbits.h");

/* asm-generic/termios.h: what System V had. Its flags are the low halves of today's. */
struct lx_termio { u16 iflag, oflag, cflag, lflag; u8 line, cc[8]; };
_Static_assert(sizeof(struct lx_termio) == 18, "struct termio");

/* B0 and so on, then from CBAUDEX + 1: asm-generic/termbits.h. */
static u32 speed_of(u32 cflag)
{
    static const u32 low[] = { 0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400 };
    static const u32 high[] = { 0, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000,
                                2000000, 2500000, 3000000, 3500000, 4000000 };
    return (cflag & T_CBAUDEX ? high : low)[cflag & 017];
}

static long get_termios(struct tty *t, u64 arg, bool two)
{
    struct lx_termios2 tio;
    tty_get_termios(t, &tio.t);
    tio.ispeed = tio.ospeed = speed_of(tio.t.cflag);
    return copy_to_user(uptr(arg), &tio, two ? sizeof(tio) : sizeof(tio.t));
}

static long set_termios(struct tty *t, u64 arg, bool flush, bool two)
{
    struct lx_termios2 tio;
    if (copy_from_user(&tio, uptr(arg), two ? sizeof(tio) : sizeof(tio.t)) < 0)
        return -EFAULT;
    if ((tio.t.cflag & SPEED_BITS) == BOTHER) /* no wire here has a speed of its own */
        tio.t.cflag = (tio.t.cflag & ~SPEED_BITS) | T_B38400;
    return tty_set_termios(t, &tio.t, flush);
}

static long get_termio(struct tty *t, u64 arg)
{
    struct tty_termios tio;
    struct lx_termio old = { 0 };
    tty_get_termios(t, &tio);
    old.iflag = (u16)tio.iflag, old.oflag = (u16)tio.oflag, old.cflag = (u16)tio.cflag, old.lflag = (u16)tio.lflag;
    old.line = tio.line;
    memcpy(old.cc, tio.cc, sizeof old.cc);
    return copy_to_user(uptr(arg), &old, sizeof old);
}

static u32 with_low_half(u32 whole, u16 low) { return (whole & ~0xffffu) | low; }

static long set_termio(struct tty *t, u64 arg, bool flush)
{
    struct tty_termios tio;
    struct lx_termio new;
    if (copy_from_user(&new, uptr(arg), sizeof new) < 0)
        return -EFAULT;
    tty_get_termios(t, &tio);
    tio.iflag = with_low_half(tio.iflag, new.iflag);
    tio.oflag = with_low_half(tio.oflag, new.oflag);
    tio.cflag = with_low_half(tio.cflag, new.cflag);
    tio.lflag = with_low_half(tio.lflag, new.lflag);
    tio.line = new.line;
    memcpy(tio.cc, new.cc, sizeof new.cc);
    return tty_set_termios(t, &tio, flush);
}

static long get_locks(struct tty *t, u64 arg)
{
    struct tty_termios locks;
    tty_get_locks(t, &locks);
    return copy_to_user(uptr(arg), &locks, sizeof locks);
}

static long set_locks(struct tty *t, u64 arg)
{
    struct tty_termios locks;
    if (!lx_capable(LX_CAP_SYS_ADMIN))
        return -EPERM;
    if (copy_from_user(&locks, uptr(arg), sizeof locks) < 0)
        return -EFAULT;
    tty_set_locks(t, &locks);
    return 0;
}

static long get_winsize(struct tty *t, u64 arg)
{
    struct tty_winsize ws;
    tty_get_winsize(t, &ws);
    return copy_to_user(uptr(arg), &ws, sizeof(ws));
}

static long set_winsize(struct tty *t, u64 arg)
{
    struct tty_winsize ws;
    if (copy_from_user(&ws, uptr(arg), sizeof(ws)) < 0)
        return -EFAULT;
    tty_set_winsize(t, &ws);
    return 0;
}

static long put_int(u64 arg, i32 n) { return copy_to_user(uptr(arg), &n, sizeof(n)); }
static long get_int(u64 arg, i32 *n) { return copy_from_user(n, uptr(arg), sizeof(*n)); }

static long set_discipline(u64 arg)
{
    i32 n;
    if (get_int(arg, &n) < 0)
        return -EFAULT;
    return n == N_TTY ? 0 : -EINVAL;
}

static long settings_ioctl(struct tty *t, u32 cmd, u64 arg)
{
    switch (cmd) {
    case LX_TCGETS: return get_termios(t, arg, false);
    case LX_TCGETS2: return get_termios(t, arg, true);
    case LX_TCSETS:
    case LX_TCSETSW: return set_termios(t, arg, false, false); /* output is never queued: nothing to drain */
    case LX_TCSETSF: return set_termios(t, arg, true, false);
    case LX_TCSETS2:
    case LX_TCSETSW2: return set_termios(t, arg, false, true);
    case LX_TCSETSF2: return set_termios(t, arg, true, true);
    case LX_TCGETA: return get_termio(t, arg);
    case LX_TCSETA:
    case LX_TCSETAW: return set_termio(t, arg, false);
    case LX_TCSETAF: return set_termio(t, arg, true);
    case LX_TIOCGLCKTRMIOS: return get_locks(t, arg);
    case LX_TIOCSLCKTRMIOS: return set_locks(t, arg);
    case LX_TIOCGWINSZ: return get_winsize(t, arg);
    case LX_TIOCSWINSZ: return set_winsize(t, arg);
    case LX_TIOCGETD: return put_int(arg, N_TTY);
    case LX_TIOCSETD: return set_discipline(arg);
    case LX_TIOCGDEV: return put_int(arg, (i32)tty_number(t));
    case LX_TIOCEXCL: tty_set_exclusive(t, true); return 0;
    case LX_TIOCNXCL: tty_set_exclusive(t, false); return 0;
    case LX_TIOCGEXCL: return put_int(arg, tty_exclusive(t));
    default: return NO_REQUEST;
    }
}

static long flush_queues(struct tty *t, u64 which)
{
    if (which > 2) /* TCIFLUSH, TCOFLUSH, TCIOFLUSH */
        return -EINVAL;
    return tty_flush(t, which != 1, which != 0);
}

static long control_flow(struct tty *t, u64 how)
{
    switch (how) {
    case 0: /* TCOOFF */
    case 1: return tty_hold_output(t, how == 0);
    case 2: /* TCIOFF */
    case 3: return tty_send_flow(t, how == 3);
    default: return -EINVAL;
    }
}

static long hang_up(struct tty *t)
{
    if (!lx_capable(LX_CAP_SYS_ADMIN))
        return -EPERM;
    tty_hangup(t);
    return 0;
}

long sys_vhangup(u64, u64, u64, u64, u64, u64)
{
    if (!lx_capable(LX_CAP_SYS_TTY_CONFIG))
        return -EPERM;
    lx_tty_vhangup();
    return 0;
}

static long queues_ioctl(struct tty *t, struct file *f, u32 cmd, u64 arg)
{
    bool master = tty_file_is_master(f);
    switch (cmd) {
    case LX_FIONREAD: return put_int(arg, (i32)(master ? pty_readable_bytes(f) : tty_readable_bytes(t)));
    case LX_TIOCOUTQ: return put_int(arg, 0);
    case LX_TCFLSH: return flush_queues(t, arg);
    case LX_TCXONC: return control_flow(t, arg);
    case LX_TCSBRK: /* tcdrain or tcsendbreak: there is nobody to see a break */
    case LX_TCSBRKP:
    case LX_TIOCSBRK:
    case LX_TIOCCBRK: return tty_drain(t);
    case LX_TIOCSTI: return lx_missing(cmd, -EIO); /* typing for others is refused, as Linux since 6.2 */
    case LX_TIOCVHANGUP: return hang_up(t);
    default: return NO_REQUEST;
    }
}

static long open_peer(struct file *f, u32 fl)
{
    static const u32 access[] = { FILE_READ, FILE_WRITE, FILE_READ | FILE_WRITE, 0 };
    struct file *slave;
    int r = pty_open_peer(f, access[fl & LX_O_ACCMODE] | lx_nonblock_of(fl), &slave);
    if (r < 0)
        return r;
    int fd = lx_fd_install(slave, fl & LX_O_CLOEXEC ? HANDLE_CLOEXEC : 0);
    if (fd >= 0 && !(fl & LX_O_NOCTTY))
        lx_tty_opened(slave);
    file_put(slave);
    return fd;
}

/* TIOCSIG: ^C and its kin without a key. */
static long send_signal(struct tty *t, u64 signo)
{
    if (signo != SIGINT && signo != SIGQUIT && signo != SIGTSTP)
        return -EINVAL;
    struct lx_siginfo info = { .signo = (int)signo, .code = LX_SI_KERNEL };
    int pgrp = tty_get_pgrp(t);
    if (pgrp && lx_signal_pgrp(pgrp, &info) < 0)
        return 0; /* the group died meanwhile */
    return 0;
}

static long master_set(struct file *f, u64 arg, void (*set)(struct file *f, bool on))
{
    i32 on;
    if (get_int(arg, &on) < 0)
        return -EFAULT;
    set(f, on != 0);
    return 0;
}

static long master_ioctl(struct tty *t, struct file *f, u32 cmd, u64 arg)
{
    switch (cmd) {
    case LX_TIOCGPTN: return put_int(arg, pty_number(f));
    case LX_TIOCSPTLCK: return master_set(f, arg, pty_set_locked);
    case LX_TIOCGPTLCK: return put_int(arg, pty_is_locked(f));
    case LX_TIOCPKT: return master_set(f, arg, pty_set_packet);
    case LX_TIOCGPKT: return put_int(arg, pty_is_packet(f));
    case LX_TIOCGPTPEER: return open_peer(f, (u32)arg);
    case LX_TIOCSIG: return send_signal(t, arg);
    default: return NO_REQUEST;
    }
}

long lx_tty_ioctl(struct tty *t, struct file *f, u32 cmd, u64 arg)
{
    if (tty_file_is_hung_up(f))
        return cmd == LX_TIOCSPGRP ? -ENOTTY : -EIO;
    long r = settings_ioctl(t, cmd, arg);
    if (r == NO_REQUEST)
        r = queues_ioctl(t, f, cmd, arg);
    if (r == NO_REQUEST && tty_file_is_master(f))
        r = master_ioctl(t, f, cmd, arg);
    u32 type = cmd >> 8;
    if (r == NO_REQUEST && (type == 'K' || type == 'V') && tty_vc_number(t))
        return lx_vt_ioctl(t, cmd, arg);
    return r == NO_REQUEST ? lx_tty_job_ioctl(t, f, cmd, arg) : r;
}
