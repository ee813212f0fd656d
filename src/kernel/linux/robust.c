/* What a thread that gives up its memory owes to others in it: the locks of its robust list
 * (set_robust_list(2)), locks that others wait for in the kernel (futex_pi.c), and its tid word.
 *
 * The list is the program's and may be anything: its length is bounded, and an address that is no good
 * ends it. */
#include "arch/user_copy.h"
#include "lib/errno.h"
#include "linux/futex.h"
#include "linux/lx.h"

#define ROBUST_MAX 2048 /* Linux's bound: the list may be a circle */
#define ROBUST_PI 1ull  /* in a pointer of the list: the lock has an owner that the kernel knows */

struct robust_head { u64 next; i64 futex_offset; u64 pending; };

/* The word of a lock whose owner dies is marked, and one waiter woken; of one with PI the next owner is
 * chosen afterwards. A pending one that is free already may have been left before the wake-up. */
static void robust_release(u64 entry, const struct robust_head *head, int tid, bool is_pending)
{
    u64 word = (entry & ~ROBUST_PI) + (u64)head->futex_offset;
    bool pi = entry & ROBUST_PI, wake = false;
    u32 value, seen;
    if ((word & 3) || !user_range_ok(uptr(word), sizeof value))
        return;
    if (copy_from_user(&value, uptr(word), sizeof value))
        return;
    if (is_pending && !value)
        wake = true;
    for (; (value & FUTEX_TID_MASK) == (u32)tid; value = seen) {
        if (user_cmpxchg32_raw((u32 *)word, value, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED, &seen) < 0)
            return;
        wake = value & FUTEX_WAITERS;
        if (seen == value)
            break;
        wake = false;
    }
    if (wake && !pi)
        (void)lx_futex_wake(word, 1);
}

static void robust_list_walk(const struct lx_thread *lt, int tid)
{
    struct robust_head head;
    if (!lt->robust_list || copy_from_user(&head, uptr(lt->robust_list), sizeof head))
        return;
    u64 entry = head.next;
    for (int i = 0; i < ROBUST_MAX && (entry & ~ROBUST_PI) && (entry & ~ROBUST_PI) != lt->robust_list; i++) {
        u64 next;
        bool last = copy_from_user(&next, uptr(entry & ~ROBUST_PI), sizeof next) != 0;
        if ((entry & ~ROBUST_PI) != (head.pending & ~ROBUST_PI))
            robust_release(entry, &head, tid, false);
        if (last)
            break;
        entry = next;
    }
    if (head.pending & ~ROBUST_PI)
        robust_release(head.pending, &head, tid, true);
}

static void clear_child_tid(struct lx_thread *lt)
{
    u32 zero = 0;
    if (!lt->clear_child_tid)
        return;
    if (copy_to_user(uptr(lt->clear_child_tid), &zero, sizeof zero) == 0)
        (void)lx_futex_wake(lt->clear_child_tid, 1);
}

void lx_thread_leave_memory(struct uthread *ut, int tid)
{
    robust_list_walk(ut->lx, tid);
    futex_pi_leave(ut, tid);
    clear_child_tid(ut->lx);
}
