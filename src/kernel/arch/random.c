/* kernel_random: ChaCha20 (RFC 8439, 2.3). What it makes at a time begins with the next key; the rest
 * is a pool that is given out, and wiped as it is, so that what was given out cannot be computed
 * backwards. A pool is enough for a few execs. */
#include "lib/random.h"
#include "arch/spinlock.h"
#include "lib/string.h"

#define KEY_WORDS 8u
#define BLOCK_WORDS 16u
#define POOL_BLOCKS 4u

static struct {
    struct spinlock lock; /* irqsave; guards the rest */
    u32 key[KEY_WORDS];
    u64 counter;
    bool seeded;
    u32 pool[POOL_BLOCKS * BLOCK_WORDS]; /* without its first KEY_WORDS */
    size_t left; /* the last so many bytes of pool were not given out */
} rng = { .lock = SPINLOCK_INIT("random") };

static u32 rotl(u32 v, int n) { return v << n | v >> (32 - n); }

static void quarter(u32 *a, u32 *b, u32 *c, u32 *d)
{
    *a += *b; *d = rotl(*d ^ *a, 16);
    *c += *d; *b = rotl(*b ^ *c, 12);
    *a += *b; *d = rotl(*d ^ *a, 8);
    *c += *d; *b = rotl(*b ^ *c, 7);
}

static void chacha20_block(const u32 key[8], u64 counter, u32 out[16])
{
    u32 in[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 }, x[16];

    memcpy(in + 4, key, 32);
    in[12] = (u32)counter;
    in[13] = (u32)(counter >> 32);
    memcpy(x, in, sizeof x);
    for (int i = 0; i < 10; i++) {
#pragma GCC unroll 4 /* so that x lives in registers */
        for (int c = 0; c < 4; c++)
            quarter(&x[c], &x[4 + c], &x[8 + c], &x[12 + c]);
#pragma GCC unroll 4
        for (int c = 0; c < 4; c++)
            quarter(&x[c], &x[4 + (c + 1) % 4], &x[8 + (c + 2) % 4], &x[12 + (c + 3) % 4]);
    }
    for (int i = 0; i < 16; i++)
        out[i] = x[i] + in[i];
}

static void stir_locked(u64 value)
{
    u32 block[16];

    rng.key[0] ^= (u32)value;
    rng.key[1] ^= (u32)(value >> 32);
    rng.key[2] ^= (u32)rdtsc();
    chacha20_block(rng.key, rng.counter++, block);
    memcpy(rng.key, block, sizeof rng.key);
    rng.left = 0; /* what is stirred in counts at once */
}

static bool rdrand64(u64 *v)
{
    u8 ok;

    for (int i = 0; i < 10; i++) {
        __asm__ volatile("rdrand %0; setc %1" : "=r"(*v), "=qm"(ok) : : "cc");
        if (ok)
            return true;
    }
    return false;
}

/* Where there is no RDRAND: how long the same few instructions take differs from time to time. */
static void seed_locked(void)
{
    u64 v;

    for (int i = 0; i < 4; i++)
        if (cpu_features.rdrand && rdrand64(&v))
            stir_locked(v);
    for (int i = 0; i < 64; i++) {
        u64 t = rdtsc();
        (void)cpuid(0, 0);
        stir_locked(rdtsc() - t);
    }
    rng.seeded = true;
}

void kernel_random_stir(u64 value)
{
    u64 irq = spin_lock_irqsave(&rng.lock);
    stir_locked(value);
    spin_unlock_irqrestore(&rng.lock, irq);
}

static void fill_pool_locked(void)
{
    if (!rng.seeded)
        seed_locked();
    for (unsigned i = 0; i < POOL_BLOCKS; i++)
        chacha20_block(rng.key, rng.counter++, rng.pool + i * BLOCK_WORDS);
    memcpy(rng.key, rng.pool, sizeof rng.key);
    memset(rng.pool, 0, sizeof rng.key);
    rng.left = sizeof rng.pool - sizeof rng.key;
}

void kernel_random(void *buf, size_t n)
{
    u8 *p = buf;

    while (n) {
        u64 irq = spin_lock_irqsave(&rng.lock);
        if (rng.left == 0)
            fill_pool_locked();
        size_t take = MIN(n, rng.left);
        u8 *from = (u8 *)rng.pool + sizeof rng.pool - rng.left;
        memcpy(p, from, take);
        memset(from, 0, take);
        rng.left -= take;
        spin_unlock_irqrestore(&rng.lock, irq);
        p += take;
        n -= take;
    }
}
