/* Do the time stamp counters of two CPUs agree? Asked once, while the second one starts. */
#pragma once
#include "lib/types.h"

/* Question and answer: `asked` and `answered` are read by the one, `there` by the other. Pure. */
struct tsc_rounds {
    unsigned n, impossible; /* answers from before the question, or from after its end */
    u64 best_width;
    i64 ahead;              /* of the other CPU, by the round that took least time */
};
static inline void tsc_round_add(struct tsc_rounds *r, u64 asked, u64 there, u64 answered)
{
    u64 width = answered - asked;

    if ((i64)(there - asked) < 0 || (i64)(answered - there) < 0)
        r->impossible++;
    if (r->n++ == 0 || width < r->best_width) {
        r->best_width = width;
        r->ahead = (i64)(there - asked - width / 2);
    }
}

/* Before another CPU may answer. */
void tsc_sync_begin(void);
/* The starting CPU: answers until it is told to go on. */
void tsc_sync_answer(void);
/* The boot CPU, meanwhile: sets the other's counter if it disagrees and can be set. False: their
 * clocks would contradict each other; *ahead says by how much. */
bool tsc_sync_ask(i64 *ahead);
