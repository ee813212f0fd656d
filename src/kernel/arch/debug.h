/* Looking at the kernel's own stacks. */
#pragma once
#include "arch/trap.h"
#include "lib/types.h"

struct symbol_name { char text[64]; };
/* The kernel's function that covers addr: its name, in *out, and *offset; or NULL. Works from the first instruction
 * on. */
const char *symbol_lookup(vaddr_t addr, u64 *offset, struct symbol_name *out);
bool addr_in_text(vaddr_t addr);
/* Writes the registers through `out`, line by line. */
void dump_registers(const struct trap_frame *f, void (*out)(const char *line));
/* The return addresses of the chain of frames that begins at rbp, innermost first: their number. The chain is
 * followed as long as it goes up in small steps and returns into the kernel's code; rbp itself must be the kernel's. */
unsigned backtrace_collect(vaddr_t rbp, vaddr_t *call, unsigned max);
/* The same through `out`, one line per call, headed by rip (0: the chain alone). */
void dump_backtrace(vaddr_t rip, vaddr_t rbp, void (*out)(const char *line));
