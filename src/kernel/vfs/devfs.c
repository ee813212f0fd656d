/* /dev: a registry of devices by number, and a tmpfs that shows them by name.
 *
 * Opening a device node, on whatever file system, looks its number up here. Devices are only ever
 * added. File system type "devtmpfs" may be mounted once; it gets a node for every device. */
#include "vfs/devfs.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "vfs/dev_mem.h"
#include "vfs/tmpfs_priv.h"

struct device {
    struct list link;
    u64 rdev;
    u32 mode;
    dev_open_fn open;
    void *ctx;
    char name[32];
};

static struct list devices = LIST_INIT(devices);
static struct mutex lock = MUTEX_INIT(lock, "devices"); /* the list and `shown` */
static struct vnode *shown;                             /* root of the devtmpfs while mounted */

static int node_add(struct vnode *root, const struct device *d)
{
    struct vnode *v;
    int r = root->ops->create(root, d->name, strlen(d->name), d->mode, d->rdev, 0, 0, &v);
    if (!r)
        vnode_put(v);
    return r;
}

int devfs_add(const char *name, u32 mode, u64 rdev, dev_open_fn open, void *ctx)
{
    ASSERT(open);
    if (!*name || strchr(name, '/') || strlen(name) >= sizeof((struct device *)0)->name)
        return -EINVAL;
    if ((mode & MODE_FMT) != MODE_CHR)
        return -EINVAL;
    struct device *d = kmalloc(sizeof *d), *other;
    if (!d)
        return -ENOMEM;
    *d = (struct device){ .rdev = rdev, .mode = mode, .open = open, .ctx = ctx };
    str_copy(d->name, name, sizeof d->name);
    int r = 0;
    mutex_lock(&lock);
    list_for_each(other, &devices, link)
        if (other->rdev == rdev || strcmp(other->name, name) == 0)
            r = -EEXIST;
    if (!r && shown)
        r = node_add(shown, d);
    if (!r)
        list_push_back(&devices, &d->link);
    mutex_unlock(&lock);
    if (r)
        kfree(d);
    return r;
}

int dev_open_by_number(u64 rdev, struct file *f)
{
    struct device *d, *found = NULL;
    mutex_lock(&lock);
    list_for_each(d, &devices, link)
        if (d->rdev == rdev) {
            found = d;
            break;
        }
    mutex_unlock(&lock);
    return found ? found->open(f, found->ctx) : -ENXIO; /* devices never go away */
}

bool dev_info_at(unsigned i, struct dev_info *out)
{
    struct device *d;
    bool found = false;
    mutex_lock(&lock);
    list_for_each(d, &devices, link)
        if (i-- == 0) {
            *out = (struct dev_info){ d->name, d->rdev };
            found = true;
            break;
        }
    mutex_unlock(&lock);
    return found;
}

/* Names that programs expect beside the devices. */
static int fill_fixed(struct vnode *root)
{
    static const struct { const char *name, *target; } links[] = {
        { "fd", "/proc/self/fd" }, { "stdin", "/proc/self/fd/0" },
        { "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(links); i++) {
        int r = root->ops->symlink(root, links[i].name, strlen(links[i].name), links[i].target, 0, 0);
        if (r)
            return r;
    }
    static const struct { const char *name; u32 mode; } dirs[] = { { "shm", MODE_STICKY | 0777 }, { "pts", 0755 } };
    for (unsigned i = 0; i < ARRAY_SIZE(dirs); i++) {
        struct vnode *v;
        int r = root->ops->mkdir(root, dirs[i].name, strlen(dirs[i].name), dirs[i].mode, 0, 0, &v);
        if (r)
            return r;
        vnode_put(v);
    }
    return 0;
}

static int devtmpfs_mount(struct mount *m, const char *options)
{
    struct device *d;
    mutex_lock(&lock);
    int r = shown ? -EBUSY : tmpfs_mount(m, options);
    if (r) {
        mutex_unlock(&lock);
        return r;
    }
    r = fill_fixed(m->root);
    list_for_each(d, &devices, link)
        if (!r)
            r = node_add(m->root, d);
    if (!r)
        shown = m->root;
    mutex_unlock(&lock);
    if (r) { /* nobody has seen it yet: all nodes are gone after unmount */
        tmpfs_unmount(m);
        tmpfs_release(m);
    }
    return r;
}

static void devtmpfs_unmount(struct mount *m)
{
    mutex_lock(&lock);
    shown = NULL;
    mutex_unlock(&lock);
    tmpfs_unmount(m);
}

static const struct fs_type devtmpfs_type = {
    .name = "devtmpfs", .mount = devtmpfs_mount, .unmount = devtmpfs_unmount, .release = tmpfs_release,
    .busy = tmpfs_busy, .writing = tmpfs_writing, .statfs = tmpfs_statfs, .show = tmpfs_show,
};

void devfs_init(void)
{
    fs_register(&devtmpfs_type);
    dev_mem_init();
}
