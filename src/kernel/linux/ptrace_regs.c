/* The registers of a stopped thread as its tracer sees and sets them (struct user_regs_struct, and
 * FPU images in the form of FXSAVE and XSAVE).
 *
 * What a tracer sets is loaded by IRETQ and XRSTOR on the tracee's way to ring 3, so nothing may get
 * through that would fault there: addresses must be a program's, segments stay ours, of the flags
 * only a program's own change, MXCSR and the XSAVE header are masked. */
#include "linux/ptrace.h"
#include "arch/fpu.h"
#include "arch/paging.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/abi/sigframe.h"

#define FLAGS_USER 0x250dd5ul /* CF PF AF ZF SF TF DF OF RF AC ID, SDM vol. 1, 3.4.3 */
#define MXCSR_DEFAULT_MASK 0xffbfu /* SDM vol. 1, 11.6.6: when the image says 0 */
#define XFEATURES 7u /* x87, SSE, AVX: what arch/fpu.c enables */
#define FRAME_SHARED offsetof(struct trap_frame, vector) /* the layouts agree up to here */
_Static_assert(FRAME_SHARED == offsetof(struct lx_user_regs, orig_rax), "R15 to RDI");

static bool is_call(const struct trap_frame *f) { return f->vector == TRAP_SYSCALL; }

void lx_trace_regs_get(const struct lx_trace *tr, struct lx_user_regs *out)
{
    const struct trap_frame *f = tr->frame;
    memset(out, 0, sizeof *out);
    memcpy(out, f, FRAME_SHARED);
    out->orig_rax = is_call(f) ? f->error : UINT64_MAX;
    out->rip = f->rip;
    out->cs = f->cs;
    out->eflags = f->rflags;
    out->rsp = f->rsp;
    out->ss = f->ss;
    out->fs_base = tr->fs_base;
}

/* orig_rax -1: whatever call was interrupted is not begun anew. */
int lx_trace_regs_set(struct lx_trace *tr, const struct lx_user_regs *in)
{
    struct trap_frame *f = tr->frame;
    if (in->rip >= USER_TOP || in->fs_base >= USER_TOP || in->gs_base)
        return -EIO;
    bool call = is_call(f) && in->orig_rax != UINT64_MAX;
    memcpy(f, in, FRAME_SHARED);
    f->error = in->orig_rax;
    f->vector = call || tr->where == LX_CALL_ENTRY ? TRAP_SYSCALL : 0;
    f->rip = in->rip;
    f->rflags = (f->rflags & ~FLAGS_USER) | (in->eflags & FLAGS_USER);
    f->rsp = in->rsp;
    tr->fs_base = in->fs_base;
    return 0;
}

static bool is_xsave(void) { return fpu_area_size() >= LX_XSTATE_HDR_END; }

size_t lx_trace_fpu_size(void) { return is_xsave() ? fpu_area_size() : LX_FX_SIZE; }

void lx_trace_fpu_get(const struct lx_trace *tr, void *image, size_t size)
{
    u64 features = XFEATURES;
    const void *area = tr->thread->thread->fpu;
    ASSERT(size <= fpu_area_size());
    if (area && !tr->thread->thread->fpu_fresh)
        memcpy(image, area, size);
    else /* never used: as execve leaves it, which the image of `size` bytes is made from */
        fpu_area_init(image);
    if (size > LX_FX_SIZE)
        memcpy((u8 *)image + LX_FX_SW, &features, sizeof features); /* where debuggers look for XCR0 */
}

static void load_image(u8 *area, const u8 *image, size_t size)
{
    u32 mask, mxcsr;
    u64 bv;
    memcpy(&mask, area + LX_FX_MXCSR_MASK, sizeof mask);
    memcpy(area, image, LX_FX_SW);
    memcpy(area + LX_FX_MXCSR_MASK, &mask, sizeof mask);
    memcpy(&mxcsr, area + LX_FX_MXCSR, sizeof mxcsr);
    mxcsr &= mask ? mask : MXCSR_DEFAULT_MASK;
    memcpy(area + LX_FX_MXCSR, &mxcsr, sizeof mxcsr);
    if (!is_xsave())
        return;
    memcpy(&bv, area + LX_XSTATE_BV, sizeof bv);
    if (size > LX_FX_SIZE) {
        memcpy(&bv, image + LX_XSTATE_BV, sizeof bv);
        memcpy(area + LX_XSTATE_HDR_END, image + LX_XSTATE_HDR_END, size - LX_XSTATE_HDR_END);
    }
    bv = (bv & XFEATURES) | 3; /* x87 and SSE are given */
    memcpy(area + LX_XSTATE_BV, &bv, sizeof bv);
}

int lx_trace_fpu_set(struct lx_trace *tr, const void *image, size_t size, void **spare)
{
    struct thread *t = tr->thread->thread;
    if (size < LX_FX_SIZE || (size > LX_FX_SIZE && size != lx_trace_fpu_size()))
        return -EINVAL;
    bool was_unused = !t->fpu;
    if (was_unused) {
        t->fpu = *spare;
        *spare = NULL;
    }
    if (was_unused || t->fpu_fresh)
        fpu_area_init(t->fpu);
    t->fpu_fresh = false;
    load_image(t->fpu, image, size);
    return 0;
}

void lx_trace_call_info(const struct lx_trace *tr, struct lx_call_info *out, size_t *size)
{
    const struct trap_frame *f = tr->frame;
    *out = (struct lx_call_info){ .arch = LX_AUDIT_ARCH_X86_64, .ip = f->rip, .sp = f->rsp };
    *size = offsetof(struct lx_call_info, entry);
    if (tr->where == LX_CALL_NONE || tr->code != (SIGTRAP | 0x80))
        return;
    out->op = tr->where;
    if (tr->where == LX_CALL_ENTRY) {
        const u64 args[6] = { f->rdi, f->rsi, f->rdx, f->r10, f->r8, f->r9 };
        out->entry.nr = f->error;
        memcpy(out->entry.args, args, sizeof args);
        *size = sizeof *out;
    } else {
        out->exit.result = (i64)f->rax;
        out->exit.is_error = f->rax >= (u64)-4095;
        *size = offsetof(struct lx_call_info, exit) + 9; /* result and is_error */
    }
}
