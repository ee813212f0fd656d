/* Registers, and walking the chain of frames (the kernel keeps RBP). */
#include "arch/debug.h"
#include "lib/format.h"

#define BACKTRACE_MAX 32

void dump_registers(const struct trap_frame *f, void (*out)(const char *line))
{
    char line[128];
    const struct { const char *name; u64 v; } r[] = {
        { "rax", f->rax }, { "rbx", f->rbx }, { "rcx", f->rcx }, { "rdx", f->rdx },
        { "rsi", f->rsi }, { "rdi", f->rdi }, { "rbp", f->rbp }, { "rsp", f->rsp },
        { "r8 ", f->r8 },  { "r9 ", f->r9 },  { "r10", f->r10 }, { "r11", f->r11 },
        { "r12", f->r12 }, { "r13", f->r13 }, { "r14", f->r14 }, { "r15", f->r15 },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(r); i += 3) {
        int n = 0;
        for (unsigned k = i; k < MIN(i + 3, ARRAY_SIZE(r)); k++)
            n += format(line + n, sizeof line - (size_t)n, "%s%s %016lx", k == i ? "" : "  ", r[k].name, r[k].v);
        out(line);
    }
    format(line, sizeof line, "rip %016lx  cs %04lx  rflags %06lx  error %lx", f->rip, f->cs, f->rflags, f->error);
    out(line);
}

static void print_call(vaddr_t rip, void (*out)(const char *line))
{
    char line[128];
    struct symbol_name buf;
    u64 offset = 0;
    const char *name = symbol_lookup(rip, &offset, &buf);

    format(line, sizeof line, "  %016lx %s+0x%lx", rip, name ? name : "?", name ? offset : 0);
    out(line);
}

/* Frames are followed only upwards and in small steps, so that a broken chain ends soon. */
unsigned backtrace_collect(vaddr_t rbp, vaddr_t *call, unsigned max)
{
    unsigned n = 0;

    while (n < max && rbp >= 0xffff800000000000ul && (rbp & 7) == 0) {
        const u64 *frame = (const u64 *)rbp;
        if (!addr_in_text(frame[1]))
            break;
        call[n++] = frame[1];
        if (frame[0] <= rbp || frame[0] - rbp > 65536)
            break;
        rbp = frame[0];
    }
    return n;
}

void dump_backtrace(vaddr_t rip, vaddr_t rbp, void (*out)(const char *line))
{
    vaddr_t call[BACKTRACE_MAX];
    unsigned n = backtrace_collect(rbp, call, BACKTRACE_MAX);

    if (rip)
        print_call(rip, out);
    for (unsigned i = 0; i < n; i++)
        print_call(call[i] - 1, out);
}
