/* Numbers of processes and threads: a hash of those in use and the last one given out. Finding a
 * free one tries number after number; with PID_MAX numbers that ends, and while most are free it
 * ends at once. */
#include "task/pid.h"
#include "lib/assert.h"
#include "lib/errno.h"

static struct list *bucket_of(struct pid_table *t, int nr)
{
    return &t->bucket[(unsigned)nr & (PID_HASH - 1)];
}

void pid_table_init(struct pid_table *t)
{
    for (size_t i = 0; i < PID_HASH; i++)
        list_init(&t->bucket[i]);
    t->last = 0;
    t->used = 0;
}

struct pid_entry *pid_lookup(struct pid_table *t, int nr)
{
    struct pid_entry *e;
    list_for_each(e, bucket_of(t, nr), link)
        if (e->nr == nr)
            return e;
    return NULL;
}

int pid_add(struct pid_table *t, struct pid_entry *e)
{
    if (t->used >= PID_MAX - PID_FIRST_AGAIN)
        return -EAGAIN;
    int nr = t->last;
    do {
        nr = nr >= PID_MAX ? PID_FIRST_AGAIN : nr + 1;
    } while (pid_lookup(t, nr));
    e->nr = t->last = nr;
    e->users = 1;
    t->used++;
    list_push_front(bucket_of(t, nr), &e->link);
    return 0;
}

int pid_add_at(struct pid_table *t, struct pid_entry *e, int nr)
{
    ASSERT(nr > 0 && nr <= PID_MAX);
    if (pid_lookup(t, nr))
        return -EEXIST;
    e->nr = nr;
    e->users = 1;
    t->used++;
    list_push_front(bucket_of(t, nr), &e->link);
    return 0;
}

void pid_remove(struct pid_table *t, struct pid_entry *e)
{
    ASSERT(pid_lookup(t, e->nr) == e);
    list_remove(&e->link);
    t->used--;
}

bool pid_unuse(struct pid_table *t, struct pid_entry *e)
{
    ASSERT(e->users > 0);
    if (--e->users)
        return false;
    pid_remove(t, e);
    return true;
}
