/* kcmp(2): are two processes' tables, memories or open files one and the same thing?
 *
 * What is compared are the kernel's addresses, and only where they are equal is the answer to be believed
 * for longer than a moment. Unequal ones are put in an order that stays the same while the machine runs
 * and says nothing about where anything lies: both are scrambled by numbers that nobody knows. */
#include "lib/random.h"
#include "linux/ptrace.h"
#include "linux/sys_priv.h"
#include "vfs/port.h"

/* linux/kcmp.h */
enum { KCMP_FILE, KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND, KCMP_IO, KCMP_SYSVSEM, KCMP_EPOLL_TFD, KCMP_TYPES };
/* struct kcmp_epoll_slot, the same: of the files that epoll watches under fd the one after skip others. */
struct lx_kcmp_slot { u32 epoll, fd, skip; };

/* Never 0 once it is made; the first who asks makes it. */
static u64 secret(void)
{
    static u64 made;
    u64 mine = kernel_random_u64() | 1, none = 0;
    u64 is = __atomic_load_n(&made, __ATOMIC_RELAXED);
    if (is || __atomic_compare_exchange_n(&made, &none, mine, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return is ? is : mine;
    return none;
}

/* 0: the same; 1: a comes first; 2: b does. A product with an odd number loses nothing. */
static long order(const void *a, const void *b, int type)
{
    u64 key = secret(), flip = key << 17 ^ (u64)type * 0x9e3779b97f4a7c15ull;
    u64 x = ((u64)a ^ flip) * key, y = ((u64)b ^ flip) * key;
    return x == y ? 0 : x < y ? 1 : 2;
}

/* No reference: to be compared, not to be used. Tree lock held. Of a zombie only NULL is left. */
static const void *thing_locked(const struct process *p, int type)
{
    switch (type) {
    case KCMP_VM: return p->aspace;
    case KCMP_FILES: return p->handles;
    case KCMP_FS: return p->lx->fs;
    case KCMP_SIGHAND: return p->lx->actions;
    case KCMP_SYSVSEM: return __atomic_load_n(&p->lx->undos, __ATOMIC_RELAXED);
    default: return NULL; /* KCMP_IO: nobody has scheduling of input and output of his own */
    }
}

static int file_of(struct process *p, int fd, struct kobject **out)
{
    struct handle_table *h = process_handles_get(p);
    if (!h)
        return -EBADF;
    int r = handle_get(h, fd, KOBJ_FILE, 0, out, NULL);
    handle_table_put(h);
    return r;
}

static long compare_files(struct process *a, struct process *b, int fd_a, int fd_b)
{
    struct kobject *x, *y;
    int r = file_of(a, fd_a, &x);
    if (r < 0)
        return r;
    long result = file_of(b, fd_b, &y);
    if (result == 0) {
        result = order(x, y, KCMP_FILE);
        kobject_put(y);
    }
    kobject_put(x);
    return result;
}

static int watched_by(struct process *p, const struct lx_kcmp_slot *slot, const struct file **out)
{
    struct kobject *obj;
    int r = file_of(p, (int)slot->epoll, &obj);
    if (r < 0)
        return r;
    struct port *port = port_of_file(file_from(obj));
    r = port ? port_file_of(port, (int)slot->fd, slot->skip, out) : -EINVAL;
    kobject_put(obj);
    return r;
}

static long compare_watched(struct process *a, struct process *b, int fd_a, u64 uslot)
{
    struct lx_kcmp_slot slot;
    struct kobject *x;
    const struct file *y;
    if (copy_from_user(&slot, uptr(uslot), sizeof slot))
        return -EFAULT;
    int r = file_of(a, fd_a, &x);
    if (r < 0)
        return r;
    r = watched_by(b, &slot, &y);
    long result = r < 0 ? r : order(x, &y->obj, KCMP_FILE);
    kobject_put(x);
    return result;
}

static long compare(struct process *a, struct process *b, int type, u64 index_a, u64 index_b)
{
    if (!lx_may_access(a) || !lx_may_access(b))
        return -EPERM;
    if (type == KCMP_FILE)
        return compare_files(a, b, (int)index_a, (int)index_b);
    if (type == KCMP_EPOLL_TFD)
        return compare_watched(a, b, (int)index_a, index_b);
    if (type < 0 || type >= KCMP_TYPES)
        return -EINVAL;
    mutex_lock(&process_tree_lock);
    const void *x = thing_locked(a, type), *y = thing_locked(b, type);
    mutex_unlock(&process_tree_lock);
    return order(x, y, type);
}

long sys_kcmp(u64 pid1, u64 pid2, u64 type, u64 index1, u64 index2, u64)
{
    struct process *a = process_find_thread((int)pid1), *b = process_find_thread((int)pid2);
    long r = a && b ? compare(a, b, (int)type, index1, index2) : -ESRCH;
    kobject_put(a ? &a->obj : NULL);
    kobject_put(b ? &b->obj : NULL);
    return r;
}
