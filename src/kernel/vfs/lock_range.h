/* Locked ranges of one file: what conflicts, and what a request leaves. Pure but for the heap. */
#pragma once
#include "lib/list.h"

enum lock_type { LOCK_READ, LOCK_WRITE, LOCK_NONE }; /* Linux's values */
#define LOCK_TO_END INT64_MAX

/* A lock, or a request for one (NONE: to be without). Owners are compared, never looked into. */
struct lock_range {
    struct list link;
    const void *owner;
    u64 start, last; /* inclusive */
    enum lock_type type;
    bool by_file;    /* an open file's, not a process's */
    int pid;         /* who asked; for people */
};

/* The first lock of somebody else that stands in the way, or NULL. */
struct lock_range *lock_range_conflict(struct list *locks, const struct lock_range *want);
/* Makes it so; nothing is in the way. spare: two ranges from the heap, NULL where they were used; what is no
 * longer needed goes to `litter`. */
void lock_range_apply(struct list *locks, const struct lock_range *want, struct lock_range *spare[2],
                      struct list *litter);
