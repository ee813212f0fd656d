/* make HEAP_DEBUG=1: every object between redzones, with its owner; freed ones are poisoned and
 * wait in quarantine, where a write is found.
 *
 *     | note (64 bytes; its last 16 are a redzone) | the object, size bytes | redzone to the end |
 *
 *     raw --heap_alloc--> LIVE (filled with A5) --heap_free--> quarantine (filled with DD) --> raw
 *
 * Redzones are looked at when the object is freed, poison when it leaves quarantine, both in
 * heap_check. Large objects skip quarantine: their pages are unmapped, and touching them faults. */
#include "arch/debug.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/slab_priv.h"

#define FILL_ALLOC 0xa5
#define FILL_FREE 0xdd
#define FILL_ZONE 0xbb
#define ZONE_MIN 16u
#define SALT_LIVE 0x6c697665206f626aull /* "live obj" */
#define SALT_FREED 0x6672656564206f62ull /* "freed ob" */
#define QUARANTINE 128u

struct note {
    struct list link; /* lock: in live */
    size_t size;
    u64 check;        /* salt of the state, mixed with size and address */
    const void *allocated_by, *freed_by;
    u8 zone[ZONE_MIN];
};
_Static_assert(sizeof(struct note) == 64, "keeps the object's alignment");

const bool heap_debug = true;

static struct spinlock lock = SPINLOCK_INIT("heap debug");
static struct list live = LIST_INIT(live);   /* lock */
static struct note *quarantine[QUARANTINE];  /* lock; a ring */
static unsigned oldest;                      /* lock */

/* --- the layer below ------------------------------------------------------------------------ */

static void *raw_alloc(size_t size)
{
    return size <= CLASS_MAX ? cache_alloc(class_by_size[(size + 15) / 16]) : big_alloc(size);
}

static void raw_free(void *p)
{
    if (is_big(p))
        big_free(p);
    else
        cache_free(p);
}

/* Panics if p is none of the heap's. */
static size_t raw_usable(const void *p)
{
    unsigned i;
    return is_big(p) ? big_usable(p) : class_shape[slab_of(p, &i)->cls].size;
}

/* --- what is said --------------------------------------------------------------------------- */

static const char *name_of(const void *code, u64 *offset, struct symbol_name *buf)
{
    const char *name = symbol_lookup((vaddr_t)code, offset, buf);
    return name ? name : "?";
}

static NORETURN void complain(const char *what, const struct note *n, long at)
{
    struct symbol_name allocated, freed_in;
    u64 a = 0, f = 0;
    const char *by = name_of(n->allocated_by, &a, &allocated), *freed = NULL;
    if (n->freed_by)
        freed = name_of(n->freed_by, &f, &freed_in);
    panic("heap: %s: byte %ld of %p, %lu bytes allocated by %s+0x%lx%s%s", what, at, (const void *)(n + 1),
          n->size, by, a, freed ? ", freed by " : "", freed ? freed : "");
}

/* --- checks --------------------------------------------------------------------------------- */

static u64 check_word(const struct note *n, u64 salt) { return salt ^ n->size ^ (vaddr_t)n; }

/* First of n bytes that is not `fill`; n if all are. */
static size_t first_unlike(const u8 *p, size_t n, u8 fill)
{
    size_t i = 0;
    while (i < n && p[i] == fill)
        i++;
    return i;
}

static void check_zones(const struct note *n)
{
    const u8 *object = (const u8 *)(n + 1);
    size_t room = raw_usable(n);
    if (n->check != check_word(n, SALT_LIVE) || n->size > room - sizeof *n - ZONE_MIN)
        panic("heap: bad size: header of %p was overwritten (%lu bytes in a piece of %lu)", (const void *)object,
              n->size, room);
    size_t at = first_unlike(n->zone, ZONE_MIN, FILL_ZONE), behind = room - sizeof *n - n->size;
    if (at < ZONE_MIN)
        complain("underrun", n, (long)at - (long)ZONE_MIN);
    at = first_unlike(object + n->size, behind, FILL_ZONE);
    if (at < behind)
        complain("overrun", n, (long)(n->size + at));
}

static void check_poison(const struct note *n)
{
    if (n->check != check_word(n, SALT_FREED))
        panic("heap: use after free: header of %p was overwritten", (const void *)(n + 1));
    size_t at = first_unlike((const u8 *)(n + 1), n->size, FILL_FREE);
    if (at < n->size)
        complain("use after free", n, (long)at);
}

/* --- allocation ----------------------------------------------------------------------------- */

static struct note *alloc_piece(size_t size)
{
    if (size > SIZE_MAX - PAGE_SIZE)
        return NULL;
    size_t room = ROUND_UP(sizeof(struct note) + size + ZONE_MIN, 64);
    struct note *n = raw_alloc(room);
    if (n)
        return n;
    heap_trim(); /* memory in quarantine is not lost */
    return raw_alloc(room);
}

void *heap_alloc(size_t size, const void *owner)
{
    struct note *n = alloc_piece(size);
    if (!n)
        return NULL;
    *n = (struct note){ .size = size, .allocated_by = owner };
    n->check = check_word(n, SALT_LIVE);
    memset(n->zone, FILL_ZONE, ZONE_MIN);
    memset(n + 1, FILL_ALLOC, size);
    memset((u8 *)(n + 1) + size, FILL_ZONE, raw_usable(n) - sizeof *n - size);
    spin_lock(&lock);
    list_push_back(&live, &n->link);
    spin_unlock(&lock);
    return n + 1;
}

/* --- freeing -------------------------------------------------------------------------------- */

static struct note *note_of(const void *p)
{
    struct note *n = (struct note *)p - 1;
    if (!IS_ALIGNED((vaddr_t)p, 64))
        panic("heap: %p points into the middle of an object, or is not from the heap", p);
    (void)raw_usable(n);
    return n;
}

/* Puts n (or nothing) into the ring; what it pushes out may go. */
static void quarantine_swap(struct note *n)
{
    spin_lock(&lock);
    struct note *out = quarantine[oldest];
    quarantine[oldest] = n;
    oldest = (oldest + 1) % QUARANTINE;
    spin_unlock(&lock);
    if (!out)
        return;
    check_poison(out);
    out->check = 0;
    raw_free(out);
}

void heap_free(void *p, const void *owner)
{
    struct note *n = note_of(p);
    if (n->check == check_word(n, SALT_FREED))
        complain("freed twice", n, 0);
    check_zones(n);
    spin_lock(&lock);
    list_remove(&n->link);
    spin_unlock(&lock);
    if (raw_usable(n) > PAGE_SIZE) {
        raw_free(n);
        return;
    }
    n->freed_by = owner;
    n->check = check_word(n, SALT_FREED);
    memset(p, FILL_FREE, n->size);
    quarantine_swap(n);
}

size_t heap_usable(const void *p) { return note_of(p)->size; }

void heap_layer_trim(void)
{
    for (unsigned i = 0; i < QUARANTINE; i++)
        quarantine_swap(NULL);
}

void heap_layer_check(void)
{
    struct note *n;
    spin_lock(&lock);
    list_for_each(n, &live, link)
        check_zones(n);
    for (unsigned i = 0; i < QUARANTINE; i++)
        if (quarantine[i])
            check_poison(quarantine[i]);
    spin_unlock(&lock);
}
