/* Reads ELF headers and says what to map where. Pure: no allocation, no file access; every number
 * in the file is hostile until checked here. (System V gABI chapters 4 and 5; AMD64 psABI)
 *
 * Two steps, because the program headers lie wherever the file says: elf_header_parse judges the
 * first bytes and says where they are; the caller reads them; elf_plan_make judges them. Nothing of
 * the file is looked at twice. */
#pragma once
#include "lib/types.h"

#define ELF_HEADER_BYTES 64
#define ELF_PHDR_BYTES 56
#define ELF_PHDRS_MAX 64 /* program headers; linkers make about a dozen */
#define ELF_LOADS_MAX 16
/* ET_DYN: how much address space one object may span. */
#define ELF_SPAN_MAX (1ull << 44)

enum elf_rights { ELF_EXEC = 1, ELF_WRITE = 2, ELF_READ = 4 }; /* PF_X, PF_W, PF_R */

struct elf_header {
    u64 entry, phoff;
    unsigned phnum;
    bool relocatable; /* ET_DYN: may be loaded at any base */
};

struct elf_segment { u64 vaddr, offset, filesz, memsz; unsigned rights; };

struct elf_plan {
    u64 entry;
    bool relocatable;
    unsigned nsegments;
    struct elf_segment segment[ELF_LOADS_MAX]; /* ascending, no byte in two; may share pages */
    u64 low, high;     /* all segments, in whole pages */
    u64 align;         /* of the base of a relocatable object: a power of two, at least a page */
    u64 phdr_vaddr;    /* where the program sees its program headers, 0: nowhere */
    unsigned phnum;
    bool exec_stack;   /* PT_GNU_STACK asks for it */
    u64 interp_offset; /* PT_INTERP: the name lies in the file, with terminator; interp_size 0: none */
    u64 interp_size;
};

/* 0, or -ENOEXEC with the reason in *why (a constant string). */
int elf_header_parse(const void *head, size_t n, u64 file_size, struct elf_header *out, const char **why) MUST_CHECK;
/* phdrs: h->phnum entries as they are in the file, in memory that nobody changes. */
int elf_plan_make(const struct elf_header *h, const void *phdrs, u64 file_size, struct elf_plan *out,
                  const char **why) MUST_CHECK;
