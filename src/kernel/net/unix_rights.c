/* Handles on their way from one process to another.
 *
 * A list that lies in some inbox is "in flight" and counted for the user who sent it, so that what
 * nobody ever receives is bounded. Putting the last reference to a socket empties its inbox, which
 * may hold sockets whose inboxes hold more: the lists to be freed wait in one queue and one thread at
 * a time works through it, so the depth of the stack does not depend on programs. */
#include "net/unix_priv.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/slab.h"

#define USERS 64u /* counts; users that share one share its limit */

static u32 in_flight[USERS]; /* atomic; handles */

/* The limit is RLIMIT_NOFILE of who sends, and not the superuser's: getrlimit(2), as of Linux 4.5. */
static bool is_over(const struct sock_handles *h)
{
    return __atomic_load_n(&in_flight[h->uid % USERS], __ATOMIC_RELAXED) > h->limit;
}

int unix_rights_send(struct sock_handles *h)
{
    if (unlikely(is_over(h))) {
        unix_gc();
        if (is_over(h))
            return -ETOOMANYREFS;
    }
    __atomic_add_fetch(&in_flight[h->uid % USERS], h->count, __ATOMIC_RELAXED);
    unix_flight_begin(h);
    return 0;
}

void unix_rights_count_end(const struct sock_handles *h)
{
    __atomic_sub_fetch(&in_flight[h->uid % USERS], h->count, __ATOMIC_RELAXED);
}

void unix_rights_received(struct sock_handles *h)
{
    unix_rights_count_end(h);
    unix_flight_end(h);
}

struct sock_handles *unix_rights_copy(const struct sock_handles *h)
{
    struct sock_handles *copy = kmalloc(sizeof *copy);
    if (!copy)
        return NULL;
    copy->count = h->count;
    copy->uid = h->uid;
    copy->limit = h->limit;
    memcpy(copy->at, h->at, h->count * sizeof h->at[0]);
    for (u32 i = 0; i < h->count; i++)
        kobject_get(h->at[i].obj);
    return copy;
}

static struct spinlock doomed_lock = SPINLOCK_INIT("doomed handles");
static struct sock_handles *doomed; /* guarded by doomed_lock, as is ... */
static bool freeing;

static struct sock_handles *doomed_next(void)
{
    spin_lock(&doomed_lock);
    struct sock_handles *h = doomed;
    if (h)
        doomed = h->next;
    else
        freeing = false;
    spin_unlock(&doomed_lock);
    return h;
}

void sock_handles_free(struct sock_handles *h)
{
    if (!h)
        return;
    spin_lock(&doomed_lock);
    h->next = doomed;
    doomed = h;
    bool mine = !freeing;
    freeing = true;
    spin_unlock(&doomed_lock);
    while (mine && (h = doomed_next())) {
        for (u32 i = 0; i < h->count; i++)
            kobject_put(h->at[i].obj);
        kfree(h);
    }
}
