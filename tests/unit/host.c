/* What the kernel's pure files need from the world, for host tests. Weak: a test that links the
 * real thing gets that. */
#include "lib/assert.h"
#include "lib/klog.h"
#include "tests/unit/host.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

jmp_buf *host_panic_jump;
char host_panic_text[512];

void panic(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(host_panic_text, sizeof host_panic_text, fmt, ap);
    va_end(ap);
    if (host_panic_jump)
        longjmp(*host_panic_jump, 1);
    fprintf(stderr, "panic: %s\n", host_panic_text);
    abort();
}

__attribute__((weak)) void debug_raw(const char *text) { (void)text; }
__attribute__((weak)) void debug_hex(u64 value) { (void)value; }
__attribute__((weak)) void debug_dec(u64 value) { (void)value; }
__attribute__((weak)) void klog(enum log_level level, const char *fmt, ...) { (void)level; (void)fmt; }
