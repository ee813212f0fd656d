/* The path cache.
 *
 * A slot says: from `start`, with `root` as the top, `text` leads to the directory `dir`. Slots hold no
 * references. A directory that is freed takes its slots along (path_cache_forget); one that was removed but
 * still is used says so itself (vnode->gone); anything else that makes a path lead elsewhere (a directory or
 * a symbolic link moved or removed, a mount, a directory's mode) makes all slots old by counting `generation`
 * up. That of a walk is read before its first step, so what changed underway is not remembered.
 *
 * Only paths whose every step is in a file system that changes by vfs's own operations are remembered
 * (vnode_ops.steady), whatever links they passed. Who lacks VPOWER_OVERRIDE may use a slot if everybody may
 * search every directory on the way. The directory itself is not judged here: the walk does that.
 *
 * Direct-mapped; a lock guards a quarter of a hundred slots at most and is held for a comparison. */
#include "vfs/path_cache.h"
#include "arch/spinlock.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/hash.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "vfs/path_priv.h"

#define SLOTS 256u
#define LOCKS 32u
#define TEXT_BYTES 80u

struct path_question { u32 hash, gen; size_t len; }; /* between finding and remembering */

struct slot {
    struct vnode *root, *start, *dir; /* dir NULL: unused */
    u32 hash, gen;
    u16 len;
    bool for_all;
    char text[TEXT_BYTES];
};

static struct slot slots[SLOTS];
static struct spinlock locks[LOCKS];
static u32 generation; /* atomic */
static u64 seed;

static struct spinlock *lock_of(u32 index) { return &locks[index % LOCKS]; }

void path_cache_init(void)
{
    seed = kernel_random_u64();
    for (unsigned i = 0; i < LOCKS; i++)
        spin_init(&locks[i], "path cache");
}

void path_cache_change(void) { __atomic_fetch_add(&generation, 1, __ATOMIC_SEQ_CST); }

static bool slot_matches(const struct slot *s, const struct walk *w, const struct vnode *start, const char *path,
                         const struct path_question *q)
{
    return s->hash == q->hash && s->gen == q->gen && s->start == start && s->root == w->root && s->len == q->len &&
           s->dir && (s->for_all || vcred_can(w->cred, VPOWER_OVERRIDE)) && bytes_equal(s->text, path, q->len);
}

/* With a reference, or NULL. */
static struct vnode *find(const struct walk *w, struct vnode *start, const char *path, size_t len,
                          struct path_question *q)
{
    struct vnode *dir = NULL;
    *q = (struct path_question){ .len = len, .gen = __atomic_load_n(&generation, __ATOMIC_ACQUIRE) };
    if (len > TEXT_BYTES)
        return NULL;
    q->hash = hash_bytes(seed ^ (uintptr_t)start, path, len);
    struct slot *s = &slots[q->hash % SLOTS];
    struct spinlock *lock = lock_of(q->hash % SLOTS);
    spin_lock(lock);
    if (slot_matches(s, w, start, path, q) && !__atomic_load_n(&vnode_real(s->dir)->gone, __ATOMIC_ACQUIRE) &&
        vnode_tryget(s->dir))
        dir = s->dir;
    spin_unlock(lock);
    return dir;
}

static void mention(struct vnode *v, u32 n) { __atomic_fetch_add(&v->mentions, n, __ATOMIC_RELEASE); }

static void slot_clear_locked(struct slot *s)
{
    if (!s->dir)
        return;
    mention(s->root, -1u);
    mention(s->start, -1u);
    mention(s->dir, -1u);
    s->dir = NULL;
}

/* The caller has references to all three. */
static void remember(const struct walk *w, struct vnode *start, struct vnode *dir, bool for_all, const char *path,
                     const struct path_question *q)
{
    struct slot *s = &slots[q->hash % SLOTS];
    struct spinlock *lock = lock_of(q->hash % SLOTS);
    spin_lock(lock);
    slot_clear_locked(s);
    s->root = w->root, s->start = start, s->dir = dir;
    s->hash = q->hash, s->gen = q->gen, s->len = (u16)q->len, s->for_all = for_all;
    memcpy(s->text, path, q->len);
    mention(w->root, 1);
    mention(start, 1);
    mention(dir, 1);
    spin_unlock(lock);
}

void path_cache_forget(struct vnode *v)
{
    for (u32 i = 0; i < SLOTS && __atomic_load_n(&v->mentions, __ATOMIC_ACQUIRE); i++) {
        struct slot *s = &slots[i];
        spin_lock(lock_of(i));
        if (s->dir && (s->dir == v || s->start == v || s->root == v))
            slot_clear_locked(s);
        spin_unlock(lock_of(i));
    }
    ASSERT(!__atomic_load_n(&v->mentions, __ATOMIC_ACQUIRE));
}

/* Walks a terminated path to the directory that it must be; *steady, *for_all: what may be remembered. */
static int walk_whole(const struct walk *w, struct vnode *start, const char *path, struct path_walk *pw,
                      struct vnode **out)
{
    bool must_be_dir;
    int r = walk_begin(pw, w, start, path);
    if (r)
        return r;
    pw->watched = true;
    r = walk_to_end(pw, true, out, &must_be_dir);
    pw->unsteady |= r == 0 && !(*out)->ops->steady;
    walk_end(pw);
    if (r == 0 && (*out)->type != V_DIR) {
        vnode_put(*out);
        r = -ENOTDIR;
    }
    return r;
}

/* The answer to the question of a find that failed. */
static __attribute__((noinline)) int find_by_walking(const struct walk *w, struct vnode *start, const char *path,
                                                     const struct path_question *q, struct vnode **out)
{
    char near[TEXT_BYTES + 1];
    char *text = q->len <= TEXT_BYTES ? near : kmalloc(q->len + 1);
    if (!text)
        return -ENOMEM;
    memcpy(text, path, q->len);
    text[q->len] = 0;
    struct path_walk pw;
    int r = walk_whole(w, start, text, &pw, out);
    if (r == 0 && text == near && !pw.unsteady)
        remember(w, start, *out, !pw.private, text, q);
    if (text != near)
        kfree(text);
    return r;
}

int path_to_dir(const struct walk *w, struct vnode *start, const char *path, size_t len, struct vnode **dir,
                const char **rest)
{
    size_t end = len;
    struct path_question q;
    *dir = NULL;
    while (end && path[end - 1] == '/')
        end--;
    size_t at = path_after_slash(path, end);
    *rest = path + at;
    for (end = at; end && path[end - 1] == '/';)
        end--;
    if (!end)
        return 0; /* none, or the root: that is where a walk starts anyway */
    if (*path == '/')
        start = w->root;
    *dir = find(w, start, path, end, &q);
    return *dir ? 0 : find_by_walking(w, start, path, &q, dir);
}
