/* Building the root file system from the archive that the boot loader gave us.
 *
 * Everything goes through the ordinary operations on names, as the kernel: an entry may come below
 * a link that an earlier one made, missing parents are made, a later entry replaces an earlier one
 * of the same name. What was unpacked before an error stays: a damaged archive often still has a
 * shell in it. */
#include "vfs/initrd_priv.h"
#include "arch/paging.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "vfs/file.h"
#include "vfs/mount.h"

#define INDEX_SLOTS_MAX (1u << 17) /* in each of two: 2 MiB while a large initrd is read */

struct unpack {
    struct walk walk;
    struct initrd_result *result;
    struct archive_memory memory;
    char path[PATH_MAX_BYTES], link[PATH_MAX_BYTES];
};

static int start_lookup(struct unpack *u, unsigned flags, struct vnode **out)
{
    return path_lookup(&u->walk, u->walk.root, u->path, flags, out);
}

static bool parent_exists(struct unpack *u)
{
    struct vnode *dir;
    const char *name;
    size_t len;
    bool slash;
    if (path_parent(&u->walk, u->walk.root, u->path, &dir, &name, &len, &slash))
        return false;
    vnode_put(dir);
    return true;
}

/* Makes the directories above u->path that are missing. */
static int make_parents(struct unpack *u)
{
    if (parent_exists(u))
        return 0;
    for (char *slash = strchr(u->path, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        int r = vfs_mkdir(&u->walk, u->walk.root, u->path, 0755);
        *slash = '/';
        if (r && r != -EEXIST)
            return r;
        u->result->dirs += !r;
    }
    return 0;
}

/* Attributes as the archive has them; a link keeps its mode. */
static int set_attributes(struct unpack *u, const struct archive_entry *e)
{
    struct vnode *v;
    int r = start_lookup(u, LOOKUP_NOFOLLOW, &v);
    if (r)
        return r;
    u64 mtime_ns = e->mtime_s < UINT64_MAX / 1000000000 ? e->mtime_s * 1000000000 : 0;
    struct vattr a = { .mode = e->mode & 07777, .uid = e->uid, .gid = e->gid, .mtime_ns = mtime_ns,
                       .atime_ns = mtime_ns };
    unsigned what = VSET_UID | VSET_GID | VSET_MTIME | VSET_ATIME | (v->type == V_LNK ? 0 : VSET_MODE);
    r = v->ops->setattr(v, &a, what);
    vnode_put(v);
    return r;
}

static int fill_file(struct unpack *u, const struct archive_entry *e)
{
    struct vnode *v;
    struct vmo *vmo;
    if (e->size == 0)
        return 0;
    int r = start_lookup(u, LOOKUP_NOFOLLOW, &v);
    if (r)
        return r;
    r = v->ops->get_vmo(v, &vmo);
    if (r)
        goto put_vnode;
    r = archive_memory_fill(&u->memory, e, vmo);
    vmo_put(vmo);
put_vnode:
    vnode_put(v);
    return r;
}

static int make_directory(struct unpack *u)
{
    struct vnode *v;
    /* A link to a directory in its place serves as well: later entries go through it. */
    if (start_lookup(u, LOOKUP_DIRECTORY, &v) == 0) {
        vnode_put(v);
        return 0;
    }
    int r = vfs_unlink(&u->walk, u->walk.root, u->path);
    return r && r != -ENOENT ? r : vfs_mkdir(&u->walk, u->walk.root, u->path, 0755);
}

static int make_other(struct unpack *u, const struct archive_entry *e)
{
    struct vnode *root = u->walk.root;
    int r = vfs_unlink(&u->walk, root, u->path);
    if (r && r != -ENOENT)
        return r;
    if (e->hardlink)
        return vfs_link(&u->walk, root, u->link, root, u->path, false);
    if ((e->mode & MODE_FMT) == MODE_LNK)
        return vfs_symlink(&u->walk, u->link, root, u->path);
    r = vfs_mknod(&u->walk, root, u->path, e->mode, makedev(e->major, e->minor));
    return !r && (e->mode & MODE_FMT) == MODE_REG ? fill_file(u, e) : r;
}

static int make_entry(struct unpack *u, const struct archive_entry *e)
{
    bool dir = (e->mode & MODE_FMT) == MODE_DIR;
    int r = make_parents(u);
    if (!r)
        r = dir ? make_directory(u) : make_other(u, e);
    if (!r && !e->hardlink)
        r = set_attributes(u, e);
    if (r)
        return r;
    if (dir)
        u->result->dirs++;
    else if (e->hardlink || (e->mode & MODE_FMT) == MODE_LNK)
        u->result->links++;
    else
        u->result->files++;
    u->result->bytes += e->size;
    return 0;
}

static bool copy_name(char *to, const char *from, size_t len)
{
    if (len >= PATH_MAX_BYTES)
        return false;
    memcpy(to, from, len);
    to[len] = 0;
    return true;
}

static int unpack_entry(const struct archive_entry *e, void *ctx)
{
    struct unpack *u = ctx;
    int r = -ENAMETOOLONG;
    u->path[0] = 0;
    u->link[0] = 0;
    if (copy_name(u->path, e->path, e->path_len) && copy_name(u->link, e->link_len ? e->link : "", e->link_len))
        r = make_entry(u, e);
    archive_memory_pass(&u->memory, e->behind);
    if (r)
        format(u->result->error, sizeof u->result->error, "cannot make %.64s: %s (error %d)", u->path,
               r == -ENOMEM || r == -ENOSPC ? "not enough memory" : "refused by the file system", -r);
    return r == -ENOSPC ? -ENOMEM : r == -ENOMEM ? r : r ? -EINVAL : 0;
}

/* GRUB unpacks gzip and xz by itself when it loads a module with `module2`; a packed one means that
 * it could not (its gzio or xzio is missing, or the format is another). */
static const char *packed_format(const u8 *d, u64 size)
{
    static const struct { const char *name, *magic; size_t len; } packed[] = {
        { "gzip", "\x1f\x8b", 2 }, { "xz", "\xfd" "7zXZ", 5 }, { "zstd", "\x28\xb5\x2f\xfd", 4 },
        { "bzip2", "BZh", 3 }, { "lz4", "\x02\x21\x4c\x18", 4 },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(packed); i++)
        if (size >= packed[i].len && memcmp(d, packed[i].magic, packed[i].len) == 0)
            return packed[i].name;
    return NULL;
}

static int unknown_format(const void *data, u64 size, struct initrd_result *result)
{
    const char *packed = size ? packed_format(data, size) : NULL;
    if (packed)
        format(result->error, sizeof result->error,
               "initrd is packed with %s: let GRUB unpack it (insmod gzio, xzio) or give it unpacked", packed);
    else
        format(result->error, sizeof result->error, "initrd of %llu bytes is neither a ustar nor a newc archive",
               (unsigned long long)size);
    return -ENOEXEC;
}

/* A header and a name take 112 bytes at least: with a slot for every 64 they are never full, up to its largest. Without
 * memory for it the walk is slower. */
static int walk_newc(const void *data, u64 size, struct unpack *u, char *error)
{
    u32 n = 64;
    while (n < INDEX_SLOTS_MAX && n < size / 64)
        n *= 2;
    u64 *slots = kzalloc(2 * n * sizeof *slots);
    struct newc_indexes index = { { slots, n, 0 }, { slots + n, n, 0 } };
    int r = newc_walk_indexed(data, size, slots ? &index : NULL, unpack_entry, u, error);
    kfree(slots);
    return r;
}

static int unpack(const void *data, u64 size, struct archive_memory *memory, struct initrd_result *result)
{
    bool tar = ustar_detect(data, size);
    if (!tar && !newc_detect(data, size))
        return unknown_format(data, size, result);
    struct unpack *u = kmalloc(sizeof *u);
    if (!u) {
        str_copy(result->error, "not enough memory to begin", sizeof result->error);
        return -ENOMEM;
    }
    struct vnode *root = vfs_root();
    u->walk = (struct walk){ .root = root, .cwd = root };
    u->result = result;
    u->memory = *memory;
    char error[sizeof result->error];
    int r = tar ? ustar_walk(data, size, unpack_entry, u, error) : walk_newc(data, size, u, error);
    if (error[0])
        str_copy(result->error, error, sizeof result->error);
    *memory = u->memory;
    kfree(u);
    return r;
}

int initrd_unpack(paddr_t base, u64 size, struct initrd_result *result)
{
    struct archive_memory memory = archive_memory_begin(base, size);
    *result = (struct initrd_result){ 0 };
    int r = unpack(phys_to_virt(base), size, &memory, result);
    archive_memory_end(&memory);
    return r;
}
