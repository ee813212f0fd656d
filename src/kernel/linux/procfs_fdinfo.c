/* /proc/PID/fdinfo: position, flags and file of what is open, and what its kind has to say of itself
 * (file_ops.describe). */
#include "lib/errno.h"
#include "lib/format.h"
#include "linux/procfs.h"
#include "linux/sys_priv.h"

typedef unsigned long long ull; /* for %llu */

static void append_file(struct proc_text *t, struct file *f, bool cloexec)
{
    struct vattr a = { 0 };
    u64 pos = __atomic_load_n(&f->pos, __ATOMIC_RELAXED);
    u64 mount = f->vnode && f->vnode->mount ? (u64)file_place(f)->mount->id : 0;
    if (file_getattr(f, &a) < 0)
        a.ino = f->obj.id;
    proc_printf(t, "pos:\t%llu\nflags:\t0%o\nmnt_id:\t%llu\nino:\t%llu\n", (ull)pos,
                lx_open_flags_of(f) | (cloexec ? LX_O_CLOEXEC : 0), (ull)mount, (ull)a.ino);
}

static int append_more(struct proc_text *t, struct file *f)
{
    char *more = kmalloc(PAGE_SIZE);
    if (!more)
        return -ENOMEM;
    size_t n = f->ops->describe(f, more, PAGE_SIZE);
    proc_append(t, more, MIN(n, PAGE_SIZE - 1));
    kfree(more);
    return 0;
}

int proc_fdinfo(struct proc_text *t, const struct proc_key *k)
{
    struct kobject *obj;
    unsigned flags;
    int r = proc_fd_object(k, &obj, &flags);
    if (r < 0)
        return r;
    if (obj->type == KOBJ_FILE) {
        struct file *f = file_from(obj);
        append_file(t, f, flags & HANDLE_CLOEXEC);
        if (f->ops->describe)
            r = append_more(t, f);
    }
    kobject_put(obj);
    return r;
}
