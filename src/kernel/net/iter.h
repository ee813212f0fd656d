/* Where a message's bytes come from or go to: spans of user memory, and how far it got. */
#pragma once
#include "vm/usercopy.h"

struct net_span { u64 base, len; }; /* as struct iovec */
#define NET_SPANS_MAX 1024u

/* The caller has checked that the sum of the lengths fits in `left`. */
struct net_iter { const struct net_span *span; unsigned nspans; u64 offset; size_t left; };

static inline struct net_iter net_iter_one(const struct net_span *span)
{
    return (struct net_iter){ .span = span, .nspans = 1, .left = span->len };
}
/* Both move at most n bytes and say how many it was: fewer at the end, or at the first fault. */
size_t net_iter_get(struct net_iter *it, void *dst, size_t n);
size_t net_iter_put(struct net_iter *it, const void *src, size_t n);
/* Goes back to where `left` was what it is in `old`: what was taken since is to be taken again. */
static inline void net_iter_restore(struct net_iter *it, const struct net_iter *old) { *it = *old; }
