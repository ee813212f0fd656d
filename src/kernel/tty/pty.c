/* Pseudo terminals: the pair, its number, and the slave as a terminal whose wire is a ring.
 *
 *   master write -> line discipline -> slave read      slave write, echo -> ring -> master read
 *
 * One lock, the terminal's, guards both directions. The table holds no references: a pair takes itself
 * out when its master goes, and whoever finds one in the table takes a reference under the table's lock.
 *
 *   pty_create --> OPEN (slaves come and go: slave_gone) --pty_retire--> HUNG UP --last tty_put--> freed */
#include "tty/pty_priv.h"

#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sched/clock.h"

static struct pty *table[PTY_MAX];
static u64 used[BITMAP_WORDS(PTY_MAX)];
static struct spinlock table_lock = SPINLOCK_INIT("pty table");

static bool slave_may_be_read(const struct pty *p) { return pty_used(p) > 0; }

void pty_update_locked(struct pty *p)
{
    bool notice = p->packet && p->notices;
    u32 ready = (slave_may_be_read(p) || notice ? POLL_READABLE : 0) | (notice ? POLL_PRI : 0) |
                (p->slave_gone ? POLL_HUP : 0) | (ldisc_room(&p->tty.ld) ? POLL_WRITABLE : 0);
    u32 before = event_state(&p->event);

    event_clear(&p->event, before & ~ready);
    if (ready & ~before)
        event_set(&p->event, ready);
}

static void slave_update(struct tty *t) { pty_update_locked(pty_of(t)); }

static size_t slave_room(struct tty *t, bool echo)
{
    struct pty *p = pty_of(t);
    u32 limit = echo ? PTY_RING : PTY_RING - PTY_ECHO_RESERVE;

    return pty_used(p) < limit ? limit - pty_used(p) : 0;
}

static void slave_put(struct tty *t, const char *bytes, size_t n)
{
    struct pty *p = pty_of(t);
    u32 at = p->tail % PTY_RING;
    size_t first = MIN(n, (size_t)(PTY_RING - at));

    ASSERT(n <= PTY_RING - pty_used(p));
    memcpy(p->ring + at, bytes, first);
    memcpy(p->ring, bytes + first, n - first);
    p->tail += (u32)n;
    if (slave_room(t, false) < LDISC_OUT_MAX)
        event_clear(&t->event, POLL_WRITABLE);
    event_set(&p->event, POLL_READABLE); /* said each time: an edge is news, not a state */
}

size_t pty_take_locked(struct pty *p, char *to, size_t n)
{
    u32 at = p->head % PTY_RING;
    size_t got = MIN(n, (size_t)pty_used(p)), first = MIN(got, (size_t)(PTY_RING - at));

    memcpy(to, p->ring + at, first);
    memcpy(to + first, p->ring, got - first);
    p->head += (u32)got;
    return got;
}

static void slave_tell(struct tty *t, unsigned what)
{
    struct pty *p = pty_of(t);

    if (!p->packet)
        return;
    if (what & (TTY_TOLD_STOP | TTY_TOLD_START))
        p->notices &= (u8)~(TTY_TOLD_STOP | TTY_TOLD_START);
    if (what & (TTY_TOLD_DO_STOP | TTY_TOLD_NO_STOP))
        p->notices &= (u8)~(TTY_TOLD_DO_STOP | TTY_TOLD_NO_STOP);
    p->notices |= (u8)what;
    pty_update_locked(p);
}

/* A wire in memory carries bytes, without parity (Linux: pty_set_termios). */
static void slave_adjust(struct tty *t, struct tty_termios *tio)
{
    tio->cflag = (tio->cflag & ~(T_CSIZE | T_PARENB)) | T_CS8 | T_CREAD;
}

static int slave_opened(struct tty *t)
{
    struct pty *p = pty_of(t);
    int r = 0;

    mutex_lock(&t->lock);
    if (p->locked || p->master_gone) {
        r = -EIO;
    } else {
        p->slaves++;
        p->slave_gone = false;
        pty_update_locked(p);
    }
    mutex_unlock(&t->lock);
    return r;
}

static void slave_closed(struct tty *t)
{
    struct pty *p = pty_of(t);

    mutex_lock(&t->lock);
    if (--p->slaves == 0) {
        p->slave_gone = true;
        pty_update_locked(p);
    }
    mutex_unlock(&t->lock);
}

static void pair_free(struct tty *t)
{
    struct pty *p = pty_of(t);

    event_fini(&p->event);
    event_fini(&t->event);
    kfree(p);
}

static const struct tty_driver slave_driver = {
    .name = "pts", .room = slave_room, .put = slave_put, .update = slave_update, .tell = slave_tell,
    .adjust = slave_adjust, .opened = slave_opened, .closed = slave_closed, .destroy = pair_free,
};

/* The lowest free number: programs' names stay short, and a person's terminal keeps its own. */
static int number_take(struct pty *p)
{
    spin_lock(&table_lock);
    size_t i = bitmap_find_clear(used, PTY_MAX, 0);
    if (i < PTY_MAX) {
        bitmap_set(used, i);
        table[i] = p;
        p->index = (unsigned)i;
    }
    spin_unlock(&table_lock);
    return i < PTY_MAX ? 0 : -ENOSPC;
}

static void pair_setup(struct pty *p)
{
    const struct tty_ops *o = tty_ops_get();
    u64 now = clock_realtime_ns();

    tty_setup(&p->tty, &slave_driver, 0);
    p->tty.ld.t.iflag &= ~(T_IUTF8 | T_IMAXBEL); /* Linux's tty_std_termios: who emulates a screen says more */
    p->tty.ld.t.cflag &= ~T_HUPCL;               /* nothing to hang up (Linux: unix98_pty_init) */
    event_init(&p->event, "pty master", POLL_WRITABLE);
    p->locked = true;
    p->attr = (struct vattr){ .nlink = 1, .atime_ns = now, .mtime_ns = now, .ctime_ns = now, .btime_ns = now };
    if (o)
        o->current_ids(&p->attr.uid, &p->attr.gid);
    devpts_owner(&p->attr);
}

int pty_create(struct pty **out)
{
    struct pty *p = kzalloc(sizeof(*p));

    if (!p)
        return -ENOMEM;
    pair_setup(p);
    int r = number_take(p);
    if (r < 0) {
        pair_free(&p->tty);
        return r;
    }
    p->tty.rdev = makedev(PTY_SLAVE_MAJOR + p->index / 256, p->index % 256);
    *out = p;
    return 0;
}

struct pty *pty_find(unsigned index)
{
    struct pty *p = NULL;

    spin_lock(&table_lock);
    if (index < PTY_MAX && (p = table[index]))
        tty_get(&p->tty);
    spin_unlock(&table_lock);
    return p;
}

int pty_next(unsigned index)
{
    spin_lock(&table_lock);
    size_t i = index < PTY_MAX ? bitmap_find_set(used, PTY_MAX, index) : PTY_MAX;
    spin_unlock(&table_lock);
    return i < PTY_MAX ? (int)i : -1;
}

void pty_retire(struct pty *p)
{
    spin_lock(&table_lock);
    table[p->index] = NULL;
    bitmap_clear(used, p->index);
    spin_unlock(&table_lock);
    mutex_lock(&p->tty.lock);
    p->master_gone = true;
    mutex_unlock(&p->tty.lock);
    tty_hangup(&p->tty);
}
