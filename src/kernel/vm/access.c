/* Reading and writing the memory of a program that is perhaps not the one running: by the same
 * faults that the program itself would take, then through the direct map. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"

/* The page at va, kept by its page-table entry for as long as the lock is held. */
static int page_for_access(struct aspace *as, vaddr_t va, unsigned need, bool write, bool force, u8 **page)
{
    struct mapping *m = mapping_for_access(as, va);
    if (!m || (mapping_is_phys(m) && (write || m->vmo->pt_flags))) /* a device's registers may act when they are read */
        return -EFAULT;
    if (force && (m->flags & VM_SHARED))
        force = false; /* must not change an object that was opened read-only */
    if (!(m->prot & need) && !force)
        return -EFAULT;
    int r = mapping_fault(m, va, write);
    if (r)
        return r;
    paddr_t pa;
    bool present = pt_query(&as->pt, ROUND_DOWN(va, PAGE_SIZE), &pa, NULL);
    ASSERT(present);
    *page = phys_to_virt(ROUND_DOWN(pa, PAGE_SIZE));
    if (!m->prot) /* forced: the program itself must still fault here */
        aspace_zap(as, ROUND_DOWN(va, PAGE_SIZE), ROUND_DOWN(va, PAGE_SIZE) + PAGE_SIZE);
    return 0;
}

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_ZERO };

static void page_transfer(u8 *at, u8 *buf, size_t n, enum access how)
{
    if (how == ACCESS_READ)
        memcpy(buf, at, n);
    else if (how == ACCESS_WRITE)
        memcpy(at, buf, n);
    else
        memset(at, 0, n);
}

static ssize_t_k aspace_access(struct aspace *as, vaddr_t addr, u8 *buf, size_t n, enum access how, bool force)
{
    size_t done = 0;
    bool write = how != ACCESS_READ;
    unsigned need = write ? VM_WRITE : VM_READ;
    while (done < n) {
        vaddr_t va = addr + done;
        if (va < USER_MIN || va >= USER_TOP)
            break;
        size_t part = MIN(n - done, PAGE_SIZE - va % PAGE_SIZE);
        u8 *page;
        mutex_lock(&as->lock); /* per page: the program may run on meanwhile */
        int r = page_for_access(as, va, need, write, force, &page);
        if (!r)
            page_transfer(page + va % PAGE_SIZE, buf ? buf + done : NULL, part, how);
        mutex_unlock(&as->lock);
        if (r)
            break;
        done += part;
    }
    return done || !n ? (ssize_t_k)done : -EFAULT;
}

ssize_t_k aspace_read(struct aspace *as, vaddr_t addr, void *buf, size_t n)
{
    return aspace_access(as, addr, buf, n, ACCESS_READ, false);
}

ssize_t_k aspace_write(struct aspace *as, vaddr_t addr, const void *buf, size_t n)
{
    return aspace_access(as, addr, (u8 *)buf, n, ACCESS_WRITE, false);
}

ssize_t_k aspace_peek(struct aspace *as, vaddr_t addr, void *buf, size_t n)
{
    return aspace_access(as, addr, buf, n, ACCESS_READ, true);
}

ssize_t_k aspace_poke(struct aspace *as, vaddr_t addr, const void *buf, size_t n)
{
    return aspace_access(as, addr, (u8 *)buf, n, ACCESS_WRITE, true);
}

int aspace_zero(struct aspace *as, vaddr_t addr, size_t n)
{
    return aspace_access(as, addr, NULL, n, ACCESS_ZERO, true) == (ssize_t_k)n ? 0 : -ENOMEM;
}
