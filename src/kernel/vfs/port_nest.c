/* Ports that watch ports. News at the bottom run up every path, with interrupts off, so neither
 * circles nor long or very many paths may be made: at most NEST_LEVELS links one above the other
 * (-ELOOP, as on Linux), at most PATHS_MAX ways up from any port (-EINVAL). One mutex orders all
 * additions of ports to ports; removing needs none, it only shortens. */
#include "vfs/port_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"

#define NEST_LEVELS 4 /* epoll_ctl(2), ELOOP: nesting of more than 5 ports */
#define PATHS_MAX 500

static struct mutex nest = MUTEX_INIT(nest, "port nest");
static u32 visit; /* guarded by nest: marks the ports a search has seen */

void nest_lock(void) { mutex_lock(&nest); }
void nest_unlock(void) { mutex_unlock(&nest); }

/* Levels of ports below p, or more than NEST_LEVELS if `top` is among them or it is too deep. */
static int levels_below(struct port *p, const struct port *top, int depth)
{
    int most = 0;
    if (p == top || depth > NEST_LEVELS)
        return NEST_LEVELS + 1;
    if (p->visit == visit)
        return p->below;
    mutex_lock(&p->lock);
    for (struct rb_node *n = rb_first(&p->items); n && most <= NEST_LEVELS; n = rb_next(n)) {
        struct port *below = port_of_file(rb_entry(n, struct port_item, node)->file);
        if (below)
            most = MAX(most, 1 + levels_below(below, top, depth + 1));
    }
    mutex_unlock(&p->lock);
    p->visit = visit;
    p->below = most;
    return most;
}

struct above { int depth, most; unsigned paths; };

/* Counts the paths of more than one link: however many ports watch a file themselves costs no more
 * than that many readers. */
static bool look_above(struct port *p, void *ctx)
{
    struct above *a = ctx;
    a->most = MAX(a->most, a->depth);
    a->paths += a->depth > 1;
    if (a->paths > PATHS_MAX || a->depth > NEST_LEVELS + 1)
        return false;
    a->depth++;
    bool go_on = links_for_each(p->file, look_above, a);
    a->depth--;
    return go_on;
}

static struct above above(const struct file *f)
{
    struct above a = { .depth = 1 };
    links_lock_take();
    (void)links_for_each(f, look_above, &a);
    links_lock_release();
    return a;
}

int nest_check_depth(struct port *p, struct port *below)
{
    ASSERT(mutex_held(&nest));
    visit++;
    return levels_below(below, p, 0) + 1 + above(p->file).most > NEST_LEVELS ? -ELOOP : 0;
}

/* f, and if it is a port everything below it. */
static bool paths_are_few(const struct file *f)
{
    struct port *p = port_of_file(f);
    if (above(f).paths > PATHS_MAX)
        return false;
    if (!p || p->visit == visit)
        return true;
    p->visit = visit;
    bool few = true;
    mutex_lock(&p->lock);
    for (struct rb_node *n = rb_first(&p->items); n && few; n = rb_next(n))
        few = paths_are_few(rb_entry(n, struct port_item, node)->file);
    mutex_unlock(&p->lock);
    return few;
}

/* Whoever links first sees fewer paths, whoever links last sees all: one of two that together are
 * too many is refused. */
int nest_check_paths(const struct port_item *it)
{
    if (port_of_file(it->file)) {
        ASSERT(mutex_held(&nest));
        visit++;
    } else if (!it->port->file->watched_by) {
        return 0;
    }
    return paths_are_few(it->file) ? 0 : -EINVAL;
}
