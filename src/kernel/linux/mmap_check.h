/* The rules of mmap's arguments; pure (mmap_check.c). Private to linux/. */
#pragma once
#include "linux/abi/mman.h"

struct mmap_request { u64 addr, len, offset; u32 prot, flags; bool is_file, file_read, file_write; };
struct mmap_plan { vaddr_t addr; u64 size, offset; unsigned prot, may, flags; bool shared; }; /* vm/'s words */

/* 0 and the plan, or mmap(2)'s -EINVAL -EACCES -ENOMEM -EOVERFLOW -EOPNOTSUPP. */
int mmap_check(const struct mmap_request *rq, struct mmap_plan *plan) MUST_CHECK;
/* PROT_* to VM_*; unknown bits are the caller's business. */
unsigned mmap_prot(u32 prot);

/* Maps as planned within the caller's limits; NULL: anonymous memory. The address or -errno (sys_mm.c). */
struct vmo;
long lx_map_vmo(struct vmo *vmo, const struct mmap_plan *plan) MUST_CHECK;
