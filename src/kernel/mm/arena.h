/* Which part of the kernel arena is used for what: address ranges only, no memory behind them.
 * Inside mm/. */
#pragma once
#include "lib/types.h"

enum arena_use { ARENA_FREE, ARENA_RAM, ARENA_STACK, ARENA_KEPT /* a stack without a thread */, ARENA_DEVICE };

#define ARENA_NAME_MAX 24

void arena_init(vaddr_t base, size_t npages);
/* First address of npages that nobody uses, 0 when there are none (or no memory to note it). */
vaddr_t arena_take(size_t npages, enum arena_use use, const char *name) MUST_CHECK;
/* Gives back what arena_take returned. Nothing may be mapped there any more. Before anybody else can
 * have the addresses `freed` hears of them, and of the free range [from, to) they are now part of;
 * it may not call the arena. */
void arena_give(vaddr_t base, void (*freed)(vaddr_t base, size_t npages, vaddr_t from, vaddr_t to));
/* Length of the range that begins exactly at base and has this use; 0 if there is none. */
size_t arena_size(vaddr_t base, enum arena_use use);
/* Gives the range of npages that begins at base and has this use another use and name. False if
 * there is none. */
bool arena_change_use(vaddr_t base, size_t npages, enum arena_use from, enum arena_use to, const char *name);
/* Name of the range of this use that begins at base, else NULL. Takes no lock and follows no link
 * that a writer could have torn: for the double-fault handler. */
const char *arena_name_lockless(vaddr_t base, enum arena_use use);
/* Pages that hold the ranges themselves; they are never given back. */
u64 arena_note_pages(void);
/* Pages of address space in use. */
u64 arena_used(void);
