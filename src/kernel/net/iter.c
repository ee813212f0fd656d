/* Spans of user memory, walked once from front to back. A fault ends the walk; what was moved before
 * it counts. No kernel memory is held, so there is nothing to undo. */
#include "net/iter.h"

static uptr_t here(const struct net_iter *it, size_t n, size_t *len)
{
    *len = (size_t)MIN((u64)n, it->span->len - it->offset);
    return uptr(it->span->base + it->offset);
}

static void advance(struct net_iter *it, size_t n)
{
    it->offset += n;
    it->left -= n;
}

/* False: nothing left. */
static bool next_span(struct net_iter *it)
{
    while (it->nspans && it->offset == it->span->len) {
        it->span++;
        it->nspans--;
        it->offset = 0;
    }
    return it->nspans && it->left;
}

size_t net_iter_get(struct net_iter *it, void *dst, size_t n)
{
    size_t done = 0, len;
    while (done < n && next_span(it)) {
        uptr_t from = here(it, MIN(n - done, it->left), &len);
        size_t got = copy_from_user_partial((char *)dst + done, from, len);
        advance(it, got);
        done += got;
        if (got < len)
            break;
    }
    return done;
}

size_t net_iter_put(struct net_iter *it, const void *src, size_t n)
{
    size_t done = 0, len;
    while (done < n && next_span(it)) {
        uptr_t to = here(it, MIN(n - done, it->left), &len);
        size_t got = copy_to_user_partial(to, (const char *)src + done, len);
        advance(it, got);
        done += got;
        if (got < len)
            break;
    }
    return done;
}
