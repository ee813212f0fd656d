/* Random bytes for programs and for address randomisation: a ChaCha20 generator, keyed from what
 * the machine has (RDRAND, the jitter of the time stamp counter, the clock). Implemented in
 * arch/random.c, which alone sees those. Any context. */
#pragma once
#include "lib/types.h"

void kernel_random(void *buf, size_t n);
static inline u64 kernel_random_u64(void)
{
    u64 v;
    kernel_random(&v, sizeof v);
    return v;
}
/* Stirs something unpredictable in (interrupt times, the RTC). */
void kernel_random_stir(u64 value);
