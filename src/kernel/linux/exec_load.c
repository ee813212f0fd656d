/* Maps ELF files into a new address space.
 *
 * A segment's file part is a private mapping of the file's own pages: text is never copied, data is
 * copied page by page when written. What memory has beyond the file is zeroed to the end of the
 * last file page and anonymous behind it. Where two segments share a page, the later one decides
 * what the page shows and allows, as on Linux. */
#include "linux/exec_priv.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/slab.h"

#define VM_ALL (VM_READ | VM_WRITE | VM_EXEC)
/* Where relocatable programs go, plus a random number of pages: two thirds up, as on Linux. */
#define DYN_BASE 0x555555554000ul
#define DYN_RANDOM_PAGES (1ul << 28)

int exec_elf_read(const struct exec_file *f, struct elf_plan *elf)
{
    const char *why = "";
    struct elf_header h;
    u64 size = vmo_size(f->vmo);
    int r = elf_header_parse(f->head, f->head_len, size, &h, &why);
    if (r) {
        kdebug("exec: %s", why);
        return r;
    }
    size_t n = h.phnum * ELF_PHDR_BYTES;
    void *phdrs = kmalloc(n);
    if (!phdrs)
        return -ENOMEM;
    ssize_t_k got = vmo_read(f->vmo, h.phoff, phdrs, n);
    r = got < 0 ? (int)got : (size_t)got < n ? -ENOEXEC : elf_plan_make(&h, phdrs, size, elf, &why);
    if (r == -ENOEXEC)
        kdebug("exec: %s", why);
    kfree(phdrs);
    return r;
}

static unsigned prot_of(unsigned rights)
{
    return (rights & ELF_READ ? VM_READ : 0) | (rights & ELF_WRITE ? VM_WRITE : 0) |
           (rights & ELF_EXEC ? VM_EXEC : 0);
}

static int map_fixed(struct aspace *as, struct vmo *vmo, u64 offset, vaddr_t start, vaddr_t end, unsigned prot)
{
    if (start >= end)
        return 0;
    return aspace_map(as, vmo, offset, end - start, prot, VM_ALL, VM_FIXED, &start);
}

/* covered: the segment before reaches into this one's first page. */
static int segment_map(struct aspace *as, struct vmo *vmo, const struct elf_segment *s, u64 base, bool covered)
{
    unsigned prot = prot_of(s->rights);
    vaddr_t start = base + s->vaddr, first = ROUND_DOWN(start, PAGE_SIZE);
    vaddr_t file_end = start + s->filesz, mem_end = ROUND_UP(start + s->memsz, PAGE_SIZE);
    vaddr_t anon = first;
    int r = 0;
    if (s->filesz) {
        anon = ROUND_UP(file_end, PAGE_SIZE);
        r = map_fixed(as, vmo, ROUND_DOWN(s->offset, PAGE_SIZE), first, anon, prot);
    } else if (covered) {
        anon = ROUND_UP(start, PAGE_SIZE);
        r = aspace_protect(as, first, PAGE_SIZE, prot);
    }
    if (!r && s->memsz > s->filesz && anon > file_end)
        r = aspace_zero(as, file_end, anon - file_end);
    return r ? r : map_fixed(as, NULL, 0, anon, mem_end, prot);
}

static int segments_map(struct aspace *as, struct vmo *vmo, const struct elf_plan *elf, u64 base)
{
    u64 end = 0;
    int r = 0;
    for (unsigned i = 0; i < elf->nsegments && !r; i++) {
        const struct elf_segment *s = &elf->segment[i];
        r = segment_map(as, vmo, s, base, i && ROUND_UP(end, PAGE_SIZE) > s->vaddr);
        end = s->vaddr + s->memsz;
    }
    return r;
}

static u64 program_base(const struct exec_plan *plan)
{
    const struct elf_plan *elf = &plan->elf;
    if (!elf->relocatable)
        return 0;
    u64 at = DYN_BASE + exec_random_below(plan, DYN_RANDOM_PAGES) * PAGE_SIZE;
    return ROUND_DOWN(at, elf->align) - ROUND_DOWN(elf->low, elf->align);
}

/* A place for a relocatable object among the mappings: found by reserving it for a moment, with
 * room to align. */
static int interp_base_find(struct aspace *as, const struct elf_plan *elf, u64 *base)
{
    *base = 0;
    if (!elf->relocatable)
        return 0;
    u64 low = ROUND_DOWN(elf->low, elf->align), slack = elf->align - PAGE_SIZE;
    vaddr_t at = 0;
    int r = aspace_map(as, NULL, 0, elf->high - low + slack, 0, 0, VM_NO_MERGE, &at);
    if (r)
        return r;
    *base = ROUND_UP(at, elf->align) - low;
    return aspace_unmap(as, at, elf->high - low + slack);
}

int exec_load(struct exec_plan *plan)
{
    plan->base = program_base(plan);
    plan->entry = plan->base + plan->elf.entry;
    plan->brk_start = plan->base + plan->elf.high;
    int r = segments_map(plan->as, plan->file.vmo, &plan->elf, plan->base);
    if (r || !plan->interp.vnode)
        return r;
    r = interp_base_find(plan->as, &plan->interp_elf, &plan->interp_base);
    if (!r)
        r = segments_map(plan->as, plan->interp.vmo, &plan->interp_elf, plan->interp_base);
    plan->entry = plan->interp_base + plan->interp_elf.entry;
    return r;
}
