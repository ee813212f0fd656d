/* The first line of a script: "#!interpreter [argument]". Pure. */
#pragma once
#include "lib/types.h"

#define SCRIPT_HEAD_BYTES 256 /* as Linux's BINPRM_BUF_SIZE */

struct script { char interp[SCRIPT_HEAD_BYTES], arg[SCRIPT_HEAD_BYTES]; bool has_arg; };

/* head: the first n bytes of the file, n <= SCRIPT_HEAD_BYTES. All that follows the interpreter is
 * one argument, without the blanks around it. -ENOEXEC: not a script, no name, or the name does
 * not end within head. */
int script_parse(const char *head, size_t n, struct script *out) MUST_CHECK;
