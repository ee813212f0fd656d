/* One block of the log for a program that ends by a fault, each line with the process's number:
 *
 *     12 prog: killed by SIGSEGV at 0x401136 accessing 0x0 (not mapped)
 *     12 prog:   rax 0x0 rbx ...
 *     12 prog:   #0 0x401136 prog+0x1136
 *     12 prog:   #1 0x4012aa prog+0x12aa
 *
 * What stands behind + is an offset in the file. Callers are found by frame pointers (psABI 3.2.2): a
 * program may be compiled without, and it may have spoiled its stack. So each frame must lie above the
 * one before, its return address in memory that can be executed, and there is an end to them; the first
 * that is not so ends the list. Where the instruction itself cannot be (a call through a bad pointer), the
 * caller is what CALL pushed last.
 *
 * All addresses are looked up in one walk over the mappings, however many of those there are. */
#include "linux/death_log.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "linux/log_limit.h"
#include "linux/signal_priv.h"

#define FRAMES_MAX 16

struct place { u64 addr; bool is_code, is_program; u64 offset; const char *kind; };
struct backtrace { struct place place[FRAMES_MAX]; unsigned n; const struct vmo *program; };

static void place_add(struct backtrace *b, u64 addr)
{
    if (b->n < FRAMES_MAX)
        b->place[b->n++] = (struct place){ .addr = addr, .kind = "[nothing]" };
}

static void locate(const struct mapping_info *m, void *ctx)
{
    struct backtrace *b = ctx;
    for (struct place *p = b->place; p < b->place + b->n; p++) {
        if (p->addr < m->start || p->addr >= m->end)
            continue;
        p->is_code = m->prot & VM_EXEC;
        p->is_program = m->vmo && m->vmo == b->program;
        p->offset = m->vmo ? m->offset + (p->addr - m->start) : p->addr - m->start;
        p->kind = m->is_stack ? "[stack]" : m->is_brk ? "[heap]" : m->vmo ? "[file]" : "[memory]";
    }
}

static void locate_all(struct backtrace *b)
{
    struct vnode *exe = lx_current()->exe; /* changes by an execve only, which would wait for this thread */
    struct vmo *vmo = NULL;
    if (exe && exe->ops->get_vmo && exe->ops->get_vmo(exe, &vmo))
        vmo = NULL;
    b->program = vmo;
    aspace_for_each(process_current()->aspace, locate, b);
    if (vmo)
        vmo_put(vmo);
}

static void callers_collect(struct backtrace *b, u64 rbp)
{
    u64 frame[2]; /* the caller's RBP, the return address */
    while (b->n < FRAMES_MAX && !(rbp & 7) && copy_from_user(frame, uptr(rbp), sizeof frame) == 0) {
        place_add(b, frame[1]);
        if (frame[0] <= rbp)
            break;
        rbp = frame[0];
    }
}

static void backtrace_make(struct backtrace *b, const struct trap_frame *f)
{
    u64 pushed;
    place_add(b, f->rip);
    if (copy_from_user(&pushed, uptr(f->rsp), sizeof pushed) == 0)
        place_add(b, pushed);
    else
        place_add(b, 0);
    callers_collect(b, f->rbp);
    locate_all(b);
}

static void place_log(const struct process *p, unsigned nr, const struct place *at)
{
    const char *name = at->is_program ? p->name : at->kind;
    kinfo("%d %s:   #%u 0x%lx %s+0x%lx", p->pid, p->name, nr, at->addr, name, at->offset);
}

static void backtrace_log(const struct process *p, const struct trap_frame *f)
{
    struct backtrace b = { .n = 0 };
    unsigned nr = 0;
    backtrace_make(&b, f);
    place_log(p, nr++, &b.place[0]);
    for (unsigned i = b.place[0].is_code ? 2 : 1; i < b.n && b.place[i].is_code; i++)
        place_log(p, nr++, &b.place[i]);
}

static void registers_log(const struct process *p, const struct trap_frame *f)
{
    kinfo("%d %s:   rax 0x%lx rbx 0x%lx rcx 0x%lx rdx 0x%lx rsi 0x%lx rdi 0x%lx", p->pid, p->name, f->rax, f->rbx,
          f->rcx, f->rdx, f->rsi, f->rdi);
    kinfo("%d %s:   rbp 0x%lx rsp 0x%lx r8 0x%lx r9 0x%lx r10 0x%lx r11 0x%lx", p->pid, p->name, f->rbp, f->rsp,
          f->r8, f->r9, f->r10, f->r11);
    kinfo("%d %s:   r12 0x%lx r13 0x%lx r14 0x%lx r15 0x%lx flags 0x%lx", p->pid, p->name, f->r12, f->r13, f->r14,
          f->r15, f->rflags);
}

void lx_death_log(const struct trap_frame *f, int sig, const struct lx_siginfo *info)
{
    static struct log_limit blocks = LOG_LIMIT_INIT("death lines");
    const struct process *p = process_current();
    const struct lx_thread *lt = lx_thread_current();
    const char *name = lx_sig_name(sig);
    bool is_fault = info->code > 0 && (LX_SIGBIT(sig) & LX_FAULT_SIGNALS);
    unsigned left_out;
    if (!log_limit_allows(&blocks, &left_out))
        return;
    if (left_out)
        kinfo("%u more programs were killed by faults", left_out);
    if (is_fault && lt->fault_reason)
        kwarn("%d %s: killed by %s at 0x%lx accessing 0x%lx (%s)", p->pid, p->name, name, f->rip, lt->fault_addr,
              lt->fault_reason);
    else
        kinfo("%d %s: killed by %s at 0x%lx", p->pid, p->name, name, f->rip);
    registers_log(p, f);
    backtrace_log(p, f);
}
