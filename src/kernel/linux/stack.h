/* The first stack of a program, as bytes. Pure. (AMD64 psABI 3.4.1, figure 3.9)
 *
 *     top    8 bytes of zeroes
 *            file name, environment strings, argument strings, "x86_64", 16 random bytes
 *            auxiliary vector, AT_NULL last
 *            envp[], NULL
 *            argv[], NULL
 *     sp     argc                      (16-byte aligned)
 */
#pragma once
#include "lib/types.h"

enum auxv_type { /* Linux's uapi/linux/auxvec.h and x86's asm/auxvec.h */
    LX_AT_NULL = 0, LX_AT_PHDR = 3, LX_AT_PHENT = 4, LX_AT_PHNUM = 5, LX_AT_PAGESZ = 6, LX_AT_BASE = 7,
    LX_AT_FLAGS = 8, LX_AT_ENTRY = 9, LX_AT_UID = 11, LX_AT_EUID = 12, LX_AT_GID = 13, LX_AT_EGID = 14,
    LX_AT_PLATFORM = 15, LX_AT_HWCAP = 16, LX_AT_CLKTCK = 17, LX_AT_SECURE = 23, LX_AT_RANDOM = 25,
    LX_AT_EXECFN = 31, LX_AT_SYSINFO_EHDR = 33, LX_AT_MINSIGSTKSZ = 51,
};
struct auxv { u64 type, value; };

struct stack_spec {
    u64 top;             /* one past the highest byte; 16-byte aligned */
    const char *strings; /* argc argument strings, then envc environment strings, each terminated */
    size_t strings_len;
    unsigned argc, envc;
    const char *execfn;
    const u8 *random;         /* 16 bytes */
    const struct auxv *auxv;  /* without PLATFORM, RANDOM, EXECFN and NULL, which are added */
    unsigned nauxv;
};

struct stack_layout {
    u64 sp, size;        /* the image is [sp, sp+size), size = top - sp */
    u64 arg_start, arg_end, env_start, env_end;
    u64 execfn, platform, random, auxv; /* addresses */
    unsigned nauxv;      /* entries with the four added */
};

/* False if top has not that much below it, or the strings are not as promised. */
bool stack_layout_make(const struct stack_spec *spec, struct stack_layout *out) MUST_CHECK;
/* Writes layout->size bytes, the lowest for address layout->sp. */
void stack_image_write(const struct stack_spec *spec, const struct stack_layout *l, u8 *image);
