/* The half of poll and select that sleeps: the thread watches the event of every file and looks
 * again whenever one of them tells. A file that becomes ready between the look and the sleep is not
 * lost: from thread_block_prepare on wake-ups are remembered.
 *
 * The caller's items hold the files, and `keep` what else an event needs, so no event can vanish
 * under its sleeper. */
#include "linux/poll_wait.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "sched/clock.h"

struct poll_item *poll_items_alloc(struct poll_item *near, size_t n)
{
    struct poll_item *items = n <= POLL_ITEMS_NEAR ? near : kmalloc(n * sizeof(*items));
    for (size_t i = 0; items && i < n; i++) {
        items[i].file = NULL;
        items[i].got = 0;
    }
    return items;
}

void poll_items_free(struct poll_item *items, struct poll_item *near, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (items[i].file)
            file_put(items[i].file);
    if (items != near)
        kfree(items);
}

static long look(struct poll_item *items, size_t n)
{
    long ready = 0;
    for (size_t i = 0; i < n; i++) {
        struct poll_item *it = &items[i];
        if (!it->file)
            continue;
        it->got = file_poll(it->file) & it->want;
        ready += it->got != 0;
    }
    return ready;
}

static void watch(struct poll_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct poll_item *it = &items[i];
        if (it->file)
            sleeper_add(file_watch(it->file, &it->keep), &it->sleeper, it->want);
    }
}

static void unwatch(struct poll_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!items[i].file)
            continue;
        watcher_remove(&items[i].sleeper.watch);
        kobject_put(items[i].keep);
    }
}

/* The number ready; 0 with *err set to why it stopped waiting. */
static long sleep_until_ready(struct poll_item *items, size_t n, u64 deadline_ns, int *err)
{
    for (int r = 0;;) {
        thread_block_prepare(true);
        long ready = look(items, n);
        if (ready || r) { /* after a time-out too: what came with the last tick counts */
            thread_block_cancel();
            *err = r;
            return ready;
        }
        r = thread_block(deadline_ns);
    }
}

long poll_wait(struct poll_item *items, size_t n, u64 timeout_ns)
{
    if (timeout_ns == 0)
        return look(items, n);
    u64 now = timeout_ns == POLL_FOREVER ? 0 : clock_now_ns();
    u64 deadline = timeout_ns >= UINT64_MAX - now ? 0 : now + timeout_ns;
    int err = 0;
    watch(items, n);
    long ready = sleep_until_ready(items, n, deadline, &err);
    unwatch(items, n);
    if (ready)
        return ready;
    return err == -ETIMEDOUT ? 0 : err;
}

struct poll_clock poll_clock_start(u64 timeout_ns)
{
    return (struct poll_clock){ clock_now_ns(), timeout_ns };
}

u64 poll_clock_left(const struct poll_clock *c)
{
    u64 spent = clock_now_ns() - c->start_ns;
    return spent < c->timeout_ns ? c->timeout_ns - spent : 0;
}

int lx_wait_mask_begin(uptr_t user, u64 size)
{
    u64 mask;
    if (!user)
        return 0;
    if (size != sizeof(mask))
        return -EINVAL;
    if (copy_from_user(&mask, user, sizeof(mask)) < 0)
        return -EFAULT;
    lx_sigmask_set_temporary(mask);
    return 0;
}

void lx_wait_mask_end(long r)
{
    if (r != -ERESTARTNOHAND)
        lx_sigmask_restore();
}
