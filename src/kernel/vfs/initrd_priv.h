/* The archive's memory while it is unpacked (initrd_memory.c). Private to the reader of the initrd. */
#pragma once
#include "vfs/initrd.h"

struct vmo;
struct archive_memory {
    paddr_t next, end; /* [next, end) is still the archive's */
    paddr_t tail;      /* a page that files have too, with a reference; 0: none */
};

struct archive_memory archive_memory_begin(paddr_t base, u64 size);
/* Nothing before p will be read again. */
void archive_memory_pass(struct archive_memory *m, const void *p);
/* All of it that did not become pages of files is in circulation afterwards. */
void archive_memory_end(struct archive_memory *m);
/* initrd_source.c: the object reads the entry's data where they are. *last: their last page. -EBUSY:
 * they lie where none may stay, nothing changed. -ENOMEM: the archive is not to be read on. */
int archive_source_attach(const struct archive_entry *e, struct vmo *vmo, paddr_t *last) MUST_CHECK;
/* Fills the empty object with the entry's data, without copying what lies on whole pages. -ENOMEM. */
int archive_memory_fill(struct archive_memory *m, const struct archive_entry *e, struct vmo *vmo) MUST_CHECK;
