/* A file's owner: F_SETOWN, F_SETSIG and O_ASYNC, by which a file's event is watched for it. It hangs on the file from
 * the first such call on and goes with it; file_news.c sends the signals.
 *
 * A process that owns a file is known by reference, a group by its number. */
#include "linux/file_owner_priv.h"
#include "linux/sock.h"
#include "vfs/notify.h"
#include "vfs/pipe.h"

/* fcntl.h's struct f_owner_ex. */
struct lx_f_owner { i32 type, id; };

void owner_put(struct owner *o)
{
    if (__atomic_sub_fetch(&o->refs, 1, __ATOMIC_ACQ_REL))
        return;
    kobject_put(o->to.process ? &o->to.process->obj : NULL);
    kfree(o);
}

/* --- hearing of news --- */

static bool owner_fire(struct watcher *w, u32 bits)
{
    news_add(container_of(w, struct owner, watch), bits & w->want);
    return true;
}

/* What is answered is to be put without the lock; NULL: nothing. */
static struct kobject *watch_end(struct owner *o)
{
    struct kobject *keep = o->keep;
    if (!o->watching)
        return NULL;
    watcher_remove(&o->watch);
    news_drop(o);
    o->keep = NULL;
    o->watching = false;
    return keep;
}

static void owner_free(struct file_owner *base)
{
    struct owner *o = container_of(base, struct owner, base);
    kobject_put(watch_end(o)); /* no lock: nobody else has the file any more */
    owner_put(o);
}

/* The file's owner; made if there is none. -ENOMEM. */
static int owner_of(struct file *f, struct owner **out)
{
    struct file_owner *has = __atomic_load_n(&f->owner, __ATOMIC_ACQUIRE);
    struct owner *o = has ? NULL : kzalloc(sizeof *o);
    if (!has && !o)
        return -ENOMEM;
    if (!has) {
        o->base.free = owner_free;
        o->refs = 1;
        mutex_init(&o->lock, "file owner");
        list_init(&o->due_link);
        if (__atomic_compare_exchange_n(&f->owner, &has, &o->base, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            has = &o->base;
        else
            kfree(o);
    }
    *out = container_of(has, struct owner, base);
    return 0;
}

/* Of a terminal only what was typed: its output is no news, or a handler that writes would call itself. */
static u32 news_of(struct file *f)
{
    size_t n;
    if (tty_of_file(f) && !tty_file_is_master(f))
        return TTY_INPUT;
    bool tells = tty_of_file(f) || file_is_pipe(f) || socket_of_file(f) || inotify_readable_bytes(f, &n) == 0;
    return tells ? NEWS & f->event_mask : 0;
}

static void target_set_locked(struct owner *o, int type, int id, struct process *p, struct process **old)
{
    *old = o->to.process;
    o->to.type = type;
    o->to.id = id;
    o->to.process = p;
    o->to.uid = lx_current()->uid;
    o->to.euid = lx_current()->euid;
}

/* Whoever the terminal is for at the moment owns its news, unless somebody does already. */
static void tty_owner_set(struct owner *o, struct tty *t)
{
    int pgrp = tty_get_pgrp(t);
    struct process *me = process_current(), *p = pgrp ? NULL : me;
    mutex_lock(&o->lock);
    if (o->to.id == 0) {
        if (p)
            kobject_get(&p->obj);
        target_set_locked(o, pgrp ? LX_F_OWNER_PGRP : LX_F_OWNER_PID, pgrp ? pgrp : me->pid, p, &p);
    } else {
        p = NULL;
    }
    mutex_unlock(&o->lock);
    kobject_put(p ? &p->obj : NULL);
}

static struct kobject *async_set_locked(struct owner *o, struct file *f, int fd, bool on)
{
    if (!on) {
        __atomic_fetch_and(&f->flags, ~(u32)FILE_ASYNC, __ATOMIC_RELAXED);
        return watch_end(o);
    }
    o->to.fd = fd;
    if (!o->watching) {
        o->watching = true;
        o->watch.fire = owner_fire;
        o->watch.want = news_of(f);
        watcher_add(file_watch(f, &o->keep), &o->watch);
    }
    __atomic_fetch_or(&f->flags, FILE_ASYNC, __ATOMIC_RELAXED);
    return NULL;
}

int lx_async_set(struct file *f, int fd, bool on)
{
    struct owner *o;
    if (on == file_has(f, FILE_ASYNC))
        return 0;
    if (!news_of(f))
        return -ENOTTY;
    int r = news_start();
    if (r == 0)
        r = owner_of(f, &o);
    if (r < 0)
        return r;
    if (on && tty_of_file(f))
        tty_owner_set(o, tty_of_file(f));
    mutex_lock(&o->lock);
    struct kobject *keep = async_set_locked(o, f, fd, on);
    mutex_unlock(&o->lock);
    kobject_put(keep);
    return 0;
}

/* --- naming the owner --- */

struct group_search { int pgrp; bool found; };

static void look_at_group(struct process *p, void *ctx)
{
    struct group_search *s = ctx;
    s->found |= p->pgrp == s->pgrp;
}

static bool group_exists(int pgrp)
{
    struct group_search s = { .pgrp = pgrp };
    process_for_each(look_at_group, &s);
    return s.found;
}

static int set(struct file *f, int type, int id)
{
    struct owner *o;
    struct process *p = NULL, *old;
    if (id && type == LX_F_OWNER_PGRP && !group_exists(id))
        return -ESRCH;
    if (id && type != LX_F_OWNER_PGRP)
        p = type == LX_F_OWNER_TID ? process_find_thread(id) : process_find(id);
    if (id && type != LX_F_OWNER_PGRP && !p)
        return -ESRCH;
    int r = owner_of(f, &o);
    if (r < 0) {
        old = p;
    } else {
        mutex_lock(&o->lock);
        target_set_locked(o, type, id, p, &old);
        mutex_unlock(&o->lock);
    }
    kobject_put(old ? &old->obj : NULL);
    return r;
}

int lx_owner_set(struct file *f, int id)
{
    if (id == INT32_MIN)
        return -EINVAL;
    return set(f, id < 0 ? LX_F_OWNER_PGRP : LX_F_OWNER_PID, id < 0 ? -id : id);
}

int lx_owner_set_ex(struct file *f, u64 user)
{
    struct lx_f_owner wish;
    if (copy_from_user(&wish, uptr(user), sizeof wish))
        return -EFAULT;
    if (wish.type < LX_F_OWNER_TID || wish.type > LX_F_OWNER_PGRP)
        return -EINVAL;
    return wish.id < 0 ? -ESRCH : set(f, wish.type, wish.id);
}

/* Who has ended owns nothing. */
static struct target target_get(struct file *f)
{
    struct target to = { 0 };
    struct file_owner *has = __atomic_load_n(&f->owner, __ATOMIC_ACQUIRE);
    if (!has)
        return to;
    struct owner *o = container_of(has, struct owner, base);
    mutex_lock(&o->lock);
    to = o->to;
    if (to.process && (event_state(&to.process->end) & PROCESS_ENDED))
        to.id = 0;
    mutex_unlock(&o->lock);
    return to;
}

int lx_owner_get(struct file *f)
{
    struct target to = target_get(f);
    return to.type == LX_F_OWNER_PGRP ? -to.id : to.id;
}

int lx_owner_get_ex(struct file *f, u64 user)
{
    struct target to = target_get(f);
    struct lx_f_owner is = { to.type, to.id };
    return copy_to_user(uptr(user), &is, sizeof is);
}

int lx_owner_set_signal(struct file *f, u64 signo)
{
    struct owner *o;
    if (signo > LX_NSIG)
        return -EINVAL;
    int r = owner_of(f, &o);
    if (r < 0)
        return r;
    mutex_lock(&o->lock);
    o->to.signo = (int)signo;
    mutex_unlock(&o->lock);
    return 0;
}

int lx_owner_signal(struct file *f) { return target_get(f).signo; }
