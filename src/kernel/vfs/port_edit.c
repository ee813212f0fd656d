/* Changing what a port watches.
 *
 * A new item is linked first, so that nesting can be judged as it would be, and watches after: until
 * then nothing fires. After watching or changing its bits the file is asked once, for what it had
 * to say before. */
#include "vfs/port_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/format.h"

/* An item's bits are new: true if it went on the list for them. */
static bool item_look(struct port_item *it)
{
    if (!(file_poll(it->file) & it->want & PORT_BITS))
        return false;
    item_queue(it);
    return true;
}

static int add_locked(struct port *p, struct file *f, int fd, u32 want, u64 data, bool *ready)
{
    struct port_item *it;
    struct kobject *keep;
    ASSERT(mutex_held(&p->lock));
    if (item_find(p, f, fd))
        return -EEXIST;
    int r = item_create(p, f, fd, want | PORT_ALWAYS, data, &it);
    if (r)
        return r;
    item_link(it);
    r = nest_check_paths(it);
    if (r) {
        item_destroy(it, &keep); /* it does not watch yet: there is nothing to put */
        return r;
    }
    item_watch(it);
    *ready = item_look(it);
    return 0;
}

int port_add(struct port *p, struct file *f, int fd, u32 want, u64 data)
{
    struct port *below = port_of_file(f);
    bool ready = false;
    if (below)
        nest_lock();
    int r = below ? nest_check_depth(p, below) : 0;
    if (r == 0) {
        mutex_lock(&p->lock);
        r = add_locked(p, f, fd, want, data, &ready);
        mutex_unlock(&p->lock);
    }
    if (below)
        nest_unlock();
    if (ready)
        port_wake(p);
    return r;
}

static int modify_locked(struct port *p, struct file *f, int fd, u32 want, u64 data, bool *ready)
{
    struct port_item *it = item_find(p, f, fd);
    if (!it)
        return -ENOENT;
    if (it->want & PORT_EXCLUSIVE)
        return -EINVAL;
    it->want = want | PORT_ALWAYS;
    it->data = data;
    watcher_want(&it->watch, it->want & PORT_BITS);
    *ready = item_look(it);
    return 0;
}

int port_modify(struct port *p, struct file *f, int fd, u32 want, u64 data)
{
    bool ready = false;
    mutex_lock(&p->lock);
    int r = modify_locked(p, f, fd, want, data, &ready);
    mutex_unlock(&p->lock);
    if (ready)
        port_wake(p);
    return r;
}

int port_remove(struct port *p, struct file *f, int fd)
{
    struct kobject *keep = NULL;
    mutex_lock(&p->lock);
    struct port_item *it = item_find(p, f, fd);
    if (it)
        item_destroy(it, &keep);
    mutex_unlock(&p->lock);
    kobject_put(keep);
    return it ? 0 : -ENOENT;
}

int port_file_of(struct port *p, int fd, u32 skip, const struct file **out)
{
    int r = -ENOENT;
    mutex_lock(&p->lock);
    for (struct rb_node *n = rb_first(&p->items); n && r; n = rb_next(n)) {
        const struct port_item *it = rb_entry(n, struct port_item, node);
        if (it->fd != fd || skip-- > 0)
            continue;
        *out = it->file;
        r = 0;
    }
    mutex_unlock(&p->lock);
    return r;
}

/* A line an item, as Linux writes them. */
size_t port_describe(struct file *f, char *buf, size_t size)
{
    struct port *p = f->ctx;
    size_t len = 0;
    mutex_lock(&p->lock);
    for (struct rb_node *n = rb_first(&p->items); n && len < size; n = rb_next(n)) {
        const struct port_item *it = rb_entry(n, struct port_item, node);
        len += (size_t)format(buf + len, size - len, "tfd: %8d events: %8x data: %16llx  pos:%lld ino:%llx sdev:0\n", it->fd,
                              it->want, (unsigned long long)it->data, (long long)it->file->pos,
                              (unsigned long long)it->file->obj.id);
    }
    mutex_unlock(&p->lock);
    return MIN(len, size);
}
