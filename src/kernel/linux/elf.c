/* What an ELF file asks for; the contract is in elf.h. */
#include "linux/elf.h"
#include "arch/paging.h"
#include "lib/errno.h"
#include "lib/string.h"

struct elf_ehdr { /* Elf64_Ehdr */
    u8 ident[16];
    u16 type, machine;
    u32 version;
    u64 entry, phoff, shoff;
    u32 flags;
    u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
_Static_assert(sizeof(struct elf_ehdr) == ELF_HEADER_BYTES, "Elf64_Ehdr is 64 bytes");

struct elf_phdr { /* Elf64_Phdr */
    u32 type, flags;
    u64 offset, vaddr, paddr, filesz, memsz, align;
};
_Static_assert(sizeof(struct elf_phdr) == ELF_PHDR_BYTES, "Elf64_Phdr is 56 bytes");

enum { ELFCLASS64 = 2, ELFDATA2LSB = 1, EV_CURRENT = 1, ET_EXEC = 2, ET_DYN = 3, EM_X86_64 = 62 };
enum { PT_LOAD = 1, PT_INTERP = 3, PT_GNU_STACK = 0x6474e551 };
#define INTERP_NAME_MAX 256

#define REQUIRE(cond, reason)                                                                \
    do {                                                                                     \
        if (!(cond)) {                                                                       \
            *why = (reason);                                                                 \
            return -ENOEXEC;                                                                 \
        }                                                                                    \
    } while (0)

/* offset + size lies in [0, limit] and does not wrap. */
static bool range_within(u64 offset, u64 size, u64 limit) { return offset <= limit && size <= limit - offset; }

int elf_header_parse(const void *head, size_t n, u64 file_size, struct elf_header *out, const char **why)
{
    struct elf_ehdr e;
    REQUIRE(n >= sizeof(e), "shorter than an ELF header");
    memcpy(&e, head, sizeof(e));
    REQUIRE(!memcmp(e.ident, "\177ELF", 4), "not an ELF file");
    REQUIRE(e.ident[4] == ELFCLASS64, "not 64-bit");
    REQUIRE(e.ident[5] == ELFDATA2LSB, "not little-endian");
    REQUIRE(e.ident[6] == EV_CURRENT && e.version == EV_CURRENT, "unknown ELF version");
    REQUIRE(e.machine == EM_X86_64, "for another machine");
    REQUIRE(e.type == ET_EXEC || e.type == ET_DYN, "not a program");
    REQUIRE(e.phentsize == ELF_PHDR_BYTES, "program headers of unknown size");
    REQUIRE(e.phnum > 0, "no program headers");
    REQUIRE(e.phnum <= ELF_PHDRS_MAX, "too many program headers");
    REQUIRE(range_within(e.phoff, e.phnum * ELF_PHDR_BYTES, file_size), "program headers beyond the end of the file");
    *out = (struct elf_header){ e.entry, e.phoff, e.phnum, e.type == ET_DYN };
    return 0;
}

static int load_check(const struct elf_phdr *p, bool relocatable, u64 file_size, const char **why)
{
    REQUIRE(p->filesz <= p->memsz, "segment larger in the file than in memory");
    REQUIRE(range_within(p->offset, p->filesz, file_size), "segment beyond the end of the file");
    REQUIRE(p->vaddr % PAGE_SIZE == p->offset % PAGE_SIZE, "segment's address and offset disagree within the page");
    REQUIRE((p->align & (p->align - 1)) == 0, "segment's alignment is not a power of two");
    REQUIRE(range_within(p->vaddr, p->memsz, relocatable ? ELF_SPAN_MAX : USER_TOP), "segment outside of user memory");
    REQUIRE(relocatable || p->vaddr >= USER_MIN, "segment on the first page");
    return 0;
}

static int load_add(struct elf_plan *plan, const struct elf_phdr *p, u64 file_size, const char **why)
{
    int r = load_check(p, plan->relocatable, file_size, why);
    if (r || !p->memsz)
        return r;
    REQUIRE(plan->nsegments < ELF_LOADS_MAX, "too many segments");
    struct elf_segment *s = &plan->segment[plan->nsegments];
    if (plan->nsegments)
        REQUIRE(p->vaddr >= s[-1].vaddr + s[-1].memsz, "segments overlap or are out of order");
    else
        plan->low = ROUND_DOWN(p->vaddr, PAGE_SIZE);
    *s = (struct elf_segment){ p->vaddr, p->offset, p->filesz, p->memsz,
                               p->flags & (ELF_READ | ELF_WRITE | ELF_EXEC) };
    plan->high = ROUND_UP(p->vaddr + p->memsz, PAGE_SIZE);
    /* Beyond 2 MiB nothing is gained, and a huge alignment must not decide where things go. */
    if (p->align <= 2ul << 20)
        plan->align = MAX(plan->align, p->align);
    plan->nsegments++;
    return 0;
}

static int interp_add(struct elf_plan *plan, const struct elf_phdr *p, u64 file_size, const char **why)
{
    REQUIRE(!plan->interp_size, "two interpreters");
    REQUIRE(p->filesz >= 2 && p->filesz <= INTERP_NAME_MAX, "interpreter's name of impossible length");
    REQUIRE(range_within(p->offset, p->filesz, file_size), "interpreter's name beyond the end of the file");
    plan->interp_offset = p->offset;
    plan->interp_size = p->filesz;
    return 0;
}

static int phdr_add(struct elf_plan *plan, const struct elf_phdr *p, u64 file_size, const char **why)
{
    switch (p->type) {
    case PT_LOAD:
        return load_add(plan, p, file_size, why);
    case PT_INTERP:
        return interp_add(plan, p, file_size, why);
    case PT_GNU_STACK:
        plan->exec_stack = p->flags & ELF_EXEC;
        return 0;
    default:
        return 0;
    }
}

static bool entry_is_code(const struct elf_plan *plan)
{
    for (unsigned i = 0; i < plan->nsegments; i++) {
        const struct elf_segment *s = &plan->segment[i];
        if ((s->rights & ELF_EXEC) && plan->entry >= s->vaddr && plan->entry - s->vaddr < s->memsz)
            return true;
    }
    return false;
}

/* The program headers as loaded: in the segment whose file bytes contain them. */
static u64 phdrs_find(const struct elf_plan *plan, u64 phoff)
{
    u64 size = plan->phnum * ELF_PHDR_BYTES;
    for (unsigned i = 0; i < plan->nsegments; i++) {
        const struct elf_segment *s = &plan->segment[i];
        if (phoff >= s->offset && range_within(phoff - s->offset, size, s->filesz))
            return s->vaddr + (phoff - s->offset);
    }
    return 0;
}

int elf_plan_make(const struct elf_header *h, const void *phdrs, u64 file_size, struct elf_plan *out, const char **why)
{
    memset(out, 0, sizeof(*out));
    out->entry = h->entry;
    out->relocatable = h->relocatable;
    out->phnum = h->phnum;
    out->align = PAGE_SIZE;
    for (unsigned i = 0; i < h->phnum; i++) {
        struct elf_phdr p;
        memcpy(&p, (const u8 *)phdrs + i * ELF_PHDR_BYTES, sizeof(p));
        int r = phdr_add(out, &p, file_size, why);
        if (r)
            return r;
    }
    REQUIRE(out->nsegments, "nothing to load");
    REQUIRE(entry_is_code(out), "entry point outside of the program's code");
    out->phdr_vaddr = phdrs_find(out, h->phoff);
    return 0;
}
