/* Entering a signal handler and coming back: the frame on the program's stack.
 *
 * What comes back is the program's to have changed. So code and stack segments are ours, only the
 * arithmetic flags (and TF, DF, AC, RF) are taken over, and the new RIP must be a program address:
 * IRETQ to a non-canonical one would fault in the kernel (SDM vol. 2, IRET). */
#include "arch/paging.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/abi/sigframe.h"
#include "linux/signal_fpu.h"
#include "linux/signal_priv.h"

#define RED_ZONE 128u /* x86-64 psABI 3.2.2: the 128 bytes below RSP are the function's own */
#define FLAGS_USER 0x250dd5ul /* CF PF AF ZF SF TF DF OF RF AC ID, SDM vol. 1, 3.4.3 */
#define FLAGS_CLEARED 0x10500ul /* TF DF RF: a handler starts without them */

static bool on_altstack(const struct lx_thread *lt, u64 rsp)
{
    return !(lt->altstack_flags & LX_SS_AUTODISARM) && rsp > lt->altstack_sp &&
        rsp - lt->altstack_sp <= lt->altstack_size;
}

struct lx_stack lx_altstack_get(u64 rsp)
{
    const struct lx_thread *lt = lx_thread_current();
    int where = !lt->altstack_size ? LX_SS_DISABLE : on_altstack(lt, rsp) ? LX_SS_ONSTACK : 0;
    return (struct lx_stack){ lt->altstack_sp, where | (int)(lt->altstack_flags & LX_SS_AUTODISARM), 0,
                              lt->altstack_size };
}

int lx_altstack_set(const struct lx_stack *s, u64 rsp)
{
    struct lx_thread *lt = lx_thread_current();
    int mode = s->flags & ~LX_SS_AUTODISARM;
    if (mode != 0 && mode != LX_SS_ONSTACK && mode != LX_SS_DISABLE)
        return -EINVAL;
    if (on_altstack(lt, rsp))
        return -EPERM;
    if (mode == LX_SS_DISABLE) {
        lt->altstack_sp = lt->altstack_size = lt->altstack_flags = 0;
        return 0;
    }
    if (s->size < LX_MINSIGSTKSZ)
        return -ENOMEM;
    lt->altstack_sp = s->sp;
    lt->altstack_size = s->size;
    lt->altstack_flags = (u32)s->flags & LX_SS_AUTODISARM;
    return 0;
}

/* Top of the stack the frame goes below; 0 if the handler's stack has been used up. */
static u64 frame_stack(const struct trap_frame *f, const struct lx_sigaction *act, u64 need)
{
    const struct lx_thread *lt = lx_thread_current();
    bool on = on_altstack(lt, f->rsp);
    u64 sp = f->rsp - RED_ZONE;
    if ((act->flags & LX_SA_ONSTACK) && lt->altstack_size && !on)
        sp = lt->altstack_sp + lt->altstack_size;
    else if (on && sp - need <= lt->altstack_sp)
        return 0;
    return sp > USER_TOP || sp < need + USER_MIN ? 0 : sp;
}

static void load_registers(struct trap_frame *f, const struct lx_sigcontext *c)
{
    f->r8 = c->r8, f->r9 = c->r9, f->r10 = c->r10, f->r11 = c->r11;
    f->r12 = c->r12, f->r13 = c->r13, f->r14 = c->r14, f->r15 = c->r15;
    f->rdi = c->rdi, f->rsi = c->rsi, f->rbp = c->rbp, f->rbx = c->rbx;
    f->rdx = c->rdx, f->rax = c->rax, f->rcx = c->rcx, f->rsp = c->rsp;
    f->rip = c->rip;
    f->rflags = (f->rflags & ~FLAGS_USER) | (c->rflags & FLAGS_USER);
    f->cs = SEL_UCODE, f->ss = SEL_UDATA;
    f->vector = LX_VECTOR_SIGRETURN;
}

/* Every byte is written, none twice: this is most of what a signal costs. */
static void frame_fill(struct lx_sigframe *sf, const struct trap_frame *f, const struct lx_sigaction *act,
                       const struct lx_siginfo *info, u64 mask, u64 fpstate)
{
    const struct lx_thread *lt = lx_thread_current();
    struct lx_stack alt = lx_altstack_get(f->rsp);
    sf->restorer = act->restorer;
    sf->uc.flags = (fpstate && lx_fpu_is_xsave() ? LX_UC_FP_XSTATE : 0) | LX_UC_SIGCONTEXT_SS | LX_UC_STRICT_RESTORE_SS;
    sf->uc.link = 0;
    sf->uc.ss_sp = alt.sp, sf->uc.ss_flags = alt.flags, sf->uc.ss_pad = 0, sf->uc.ss_size = alt.size;
    struct lx_sigcontext *c = &sf->uc.mcontext;
    c->r8 = f->r8, c->r9 = f->r9, c->r10 = f->r10, c->r11 = f->r11;
    c->r12 = f->r12, c->r13 = f->r13, c->r14 = f->r14, c->r15 = f->r15;
    c->rdi = f->rdi, c->rsi = f->rsi, c->rbp = f->rbp, c->rbx = f->rbx;
    c->rdx = f->rdx, c->rax = f->rax, c->rcx = f->rcx, c->rsp = f->rsp;
    c->rip = f->rip, c->rflags = f->rflags;
    c->cs = SEL_UCODE, c->gs = c->fs = 0, c->ss = SEL_UDATA;
    c->err = lt->fault_error, c->trapno = lt->fault_vector, c->oldmask = mask, c->cr2 = lt->fault_addr;
    c->fpstate = fpstate;
    for (unsigned i = 0; i < ARRAY_SIZE(c->reserved); i++)
        c->reserved[i] = 0;
    sf->uc.sigmask = mask;
    sf->info = *info;
#pragma GCC unroll 10
    for (unsigned i = 0; i < ARRAY_SIZE(sf->info_rest); i++)
        sf->info_rest[i] = 0;
}

int lx_frame_push(struct trap_frame *f, const struct lx_sigaction *act, const struct lx_siginfo *info, u64 mask)
{
    struct lx_thread *lt = lx_thread_current();
    struct lx_sigframe sf;
    size_t fpu_bytes = lx_fpu_frame_size();
    u64 sp = frame_stack(f, act, fpu_bytes + sizeof sf + 128);
    if (!sp || act->handler >= USER_TOP || !(act->flags & LX_SA_RESTORER))
        return -EFAULT;
    u64 fpstate = 0;
    if (fpu_bytes)
        sp = fpstate = ROUND_DOWN(sp - fpu_bytes, 64);
    /* As after a call: RSP + 8 is a multiple of 16 (psABI 3.2.2). */
    sp = ROUND_DOWN(sp - sizeof sf, 16) - 8;
    frame_fill(&sf, f, act, info, mask, fpstate);
    if ((fpu_bytes && lx_fpu_frame_save(fpstate)) || copy_to_user(uptr(sp), &sf, sizeof sf))
        return -EFAULT;
    if (lt->altstack_flags & LX_SS_AUTODISARM)
        lt->altstack_sp = lt->altstack_size = lt->altstack_flags = 0;
    f->rdi = (u64)info->signo;
    f->rsi = sp + offsetof(struct lx_sigframe, info);
    f->rdx = sp + offsetof(struct lx_sigframe, uc);
    f->rax = 0;
    f->rsp = sp;
    f->rip = act->handler;
    f->rflags &= ~FLAGS_CLEARED;
    f->vector = LX_VECTOR_SIGRETURN;
    return 0;
}

/* Refused while still running on it, or when it is nonsense: then it stays as it is. */
static void altstack_restore(const struct lx_ucontext *uc, u64 rsp)
{
    const struct lx_thread *lt = lx_thread_current();
    struct lx_stack alt = { uc->ss_sp, uc->ss_flags, 0, uc->ss_size };
    bool same = alt.sp == lt->altstack_sp && alt.size == lt->altstack_size && !((u32)alt.flags & LX_SS_AUTODISARM);
    if (!same) {
        int refused UNUSED = lx_altstack_set(&alt, rsp);
    }
}

int lx_frame_pop(struct trap_frame *f)
{
    struct lx_ucontext uc;
    u64 at = f->rsp - 8; /* the handler's RET took the restorer off */
    if (copy_from_user(&uc, uptr(at + offsetof(struct lx_sigframe, uc)), sizeof uc))
        return -EFAULT;
    if (uc.mcontext.rip >= USER_TOP || uc.mcontext.rsp > USER_TOP)
        return -EFAULT;
    if (lx_fpu_frame_load(uc.mcontext.fpstate))
        return -EFAULT;
    load_registers(f, &uc.mcontext);
    lx_sigmask_set(uc.sigmask);
    altstack_restore(&uc, f->rsp);
    return 0;
}
