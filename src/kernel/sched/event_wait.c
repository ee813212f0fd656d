/* Threads that watch events. */
#include "sched/event_wait.h"

static bool sleeper_fire(struct watcher *w, u32 bits)
{
    thread_wake(container_of(w, struct sleeper, watch)->thread);
    return true;
}

void sleeper_add(struct event *e, struct sleeper *s, u32 want)
{
    *s = (struct sleeper){ .watch = { .fire = sleeper_fire, .want = want }, .thread = thread_current() };
    watcher_add(e, &s->watch);
}
