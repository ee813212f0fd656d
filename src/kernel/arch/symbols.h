/* The table of the kernel's own function names, made by tools/symtab. Only arch/symbols.c reads it. */
#pragma once
#include "lib/types.h"

#define SYMBOL_MARK_EVERY 64u
#define SYMBOL_DEPTH_MAX 24u

/* Where every 64th function begins, behind __text_start, and its name in symbol_names. */
struct symbol_mark { u32 offset, name; };
extern const struct symbol_mark symbol_marks[];
extern const u16 symbol_steps[]; /* from each function to the next one */
extern const u8 symbol_names[];  /* each ends with 0; from 128 on a byte is two others of symbol_pairs */
extern const u8 symbol_pairs[];
extern const u32 symbol_count;
