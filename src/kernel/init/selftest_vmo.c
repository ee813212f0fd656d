/* VMOs: each with an identity of its own, readable though never written, and gone when released. */
#include "arch/paging.h"
#include "init/selftest.h"
#include "init/selftest_util.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "vm/aspace.h"

#define VMOS 100
#define CYCLES 1000
#define VMO_BYTES (3 * PAGE_SIZE + 5)

static struct vmo *make(void)
{
    struct vmo *v;
    int r = vmo_create_anon(VMO_BYTES, &v);
    ASSERT(r == 0);
    return v;
}

static void vmo_identity(void)
{
    struct vmo *v[VMOS];
    for (unsigned i = 0; i < VMOS; i++)
        v[i] = make();
    for (unsigned i = 0; i < VMOS; i++) {
        const struct kobject *o = vmo_obj(v[i]);
        ASSERT(o->magic == KOBJECT_MAGIC && o->type == KOBJ_VMO && o->refs == 1 && o->id);
        ASSERT(vmo_size(v[i]) == VMO_BYTES && vmo_pages_present(v[i]) == 0);
        for (unsigned k = 0; k < i; k++)
            ASSERT(v[k] != v[i] && vmo_obj(v[k])->id != o->id);
    }
    for (unsigned i = 0; i < VMOS; i++)
        vmo_put(v[i]);
}
SELFTEST("vmo-identity", vmo_identity);

static void expect_zeroes(const u8 *p, size_t n)
{
    while (n--)
        ASSERT(p[n] == 0);
}

/* Mapped and read by way of a program's page table, and read directly. */
static void vmo_never_written(void)
{
    u8 buf[256];
    struct aspace *as;
    struct vmo *v = make();
    vaddr_t at = 0;
    memset(buf, 0xff, sizeof buf);
    ASSERT(vmo_read(v, VMO_BYTES - sizeof buf, buf, sizeof buf) == sizeof buf);
    expect_zeroes(buf, sizeof buf);
    ASSERT(aspace_create(&as) == 0);
    ASSERT(aspace_map(as, v, 0, ROUND_UP(VMO_BYTES, PAGE_SIZE), VM_READ, VM_READ, VM_SHARED, &at) == 0);
    memset(buf, 0xff, sizeof buf);
    ASSERT(aspace_read(as, at + 2 * PAGE_SIZE - 128, buf, sizeof buf) == sizeof buf);
    expect_zeroes(buf, sizeof buf);
    aspace_put(as);
    vmo_put(v);
}
SELFTEST("vmo-never-written", vmo_never_written);

/* What a program writes behind the end, in the last page, is not there when the object grows over it, by whatever
 * steps. */
static void vmo_tail(void)
{
    enum { AT = 10, SIZES = 6 };
    static const u64 sizes[SIZES] = { AT + 1, AT + 90, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE };
    static u8 ones[PAGE_SIZE], buf[PAGE_SIZE];
    struct aspace *as;
    struct vmo *v = make();
    vaddr_t at = 0;
    memset(ones, 0xff, sizeof ones);
    ASSERT(aspace_create(&as) == 0);
    ASSERT(aspace_map(as, v, 0, PAGE_SIZE, VM_READ | VM_WRITE, VM_READ | VM_WRITE, VM_SHARED, &at) == 0);
    for (unsigned i = 0; i < SIZES; i++) {
        ASSERT(vmo_resize(v, AT) == 0);
        ASSERT(aspace_write(as, at, ones, sizeof ones) == sizeof ones);
        for (unsigned k = i; k < SIZES; k++) {
            size_t shown = MIN(sizes[k], PAGE_SIZE);
            ASSERT(vmo_resize(v, sizes[k]) == 0 && vmo_read(v, 0, buf, shown) == (ssize_t_k)shown);
            ASSERT(memcmp(buf, ones, AT) == 0);
            expect_zeroes(buf + AT, shown - AT);
        }
    }
    aspace_put(as);
    vmo_put(v);
}
SELFTEST("vmo-tail", vmo_tail);

/* Make, write, map, clone the space, write there too, and drop it all. */
static void cycle(void)
{
    struct aspace *as, *copy;
    struct vmo *v = make();
    vaddr_t at = 0;
    u64 word = 42;
    ASSERT(vmo_write(v, PAGE_SIZE - 4, &word, sizeof word) == sizeof word);
    ASSERT(aspace_create(&as) == 0);
    ASSERT(aspace_map(as, v, 0, 4 * PAGE_SIZE, VM_READ | VM_WRITE, VM_READ | VM_WRITE, 0, &at) == 0);
    ASSERT(aspace_write(as, at, &word, sizeof word) == sizeof word);
    ASSERT(aspace_clone(as, &copy) == 0);
    word = 43;
    ASSERT(aspace_write(copy, at, &word, sizeof word) == sizeof word);
    ASSERT(aspace_read(as, at, &word, sizeof word) == sizeof word && word == 42);
    aspace_put(as);
    vmo_put(v);
    aspace_put(copy);
}

static void vmo_release(void)
{
    cycle(); /* what is kept for next time */
    struct resources before = resources_now();
    for (unsigned i = 0; i < CYCLES; i++)
        cycle();
    resources_expect(&before, "vmo-release");
}
SELFTEST("vmo-release", vmo_release);
