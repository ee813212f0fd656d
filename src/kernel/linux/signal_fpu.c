/* FPU images of signal frames and of fork.
 *
 * An area begins with the FXSAVE image; where the machine has XSAVE its header and extended state
 * follow. FXRSTOR and XRSTOR fault on reserved bits (SDM vol. 1, 10.5.1.2 and 13.8.1), so an image
 * from a program is loaded around them: MXCSR is masked, of the header only XSTATE_BV is taken. */
#include "arch/fpu.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/abi/sigframe.h"
#include "linux/signal_fpu.h"
#include "mm/slab.h"
#include "sched/thread.h"
#include "vm/usercopy.h"

#define MXCSR_DEFAULT_MASK 0xffbfu /* SDM vol. 1, 11.6.6: when the image says 0 */
#define XFEATURE_X87_SSE 3u
#define XFEATURE_AVX 4u
#define AVX_END 832u /* SDM vol. 1, 13.5.3: 256 bytes behind the header */

static u64 xfeatures(void)
{
    return XFEATURE_X87_SSE | (fpu_area_size() >= AVX_END ? XFEATURE_AVX : 0);
}

size_t lx_fpu_frame_size(void)
{
    const struct thread *t = thread_current();
    if (!t->fpu || t->fpu_fresh)
        return 0;
    return lx_fpu_is_xsave() ? fpu_area_size() + sizeof(u32) : LX_FX_SIZE;
}

/* The registers end in the area; whoever uses them next loads them again. */
static void area_take_back(void *area)
{
    u64 irq = irq_save();
    fpu_switch_out(area);
    irq_restore(irq);
}

static int xsave_image_put(u64 user, const u8 *area)
{
    size_t size = fpu_area_size();
    u32 magic2 = LX_FP_XSTATE_MAGIC2;
    struct lx_fpx_sw sw = { .magic1 = LX_FP_XSTATE_MAGIC1, .extended_size = (u32)(size + sizeof magic2),
                            .xfeatures = xfeatures(), .xstate_size = (u32)size };
    if (copy_to_user(uptr(user), area, size) || copy_to_user(uptr(user + LX_FX_SW), &sw, sizeof sw))
        return -EFAULT;
    return copy_to_user(uptr(user + size), &magic2, sizeof magic2);
}

int lx_fpu_frame_save(u64 user)
{
    struct thread *t = thread_current();
    area_take_back(t->fpu);
    fpu_area_complete(t->fpu);
    int r = lx_fpu_is_xsave() ? xsave_image_put(user, t->fpu) : copy_to_user(uptr(user), t->fpu, LX_FX_SIZE);
    t->fpu_fresh = r == 0;
    return r;
}

/* The area is filled at the first use: most handlers have none. */
void lx_fpu_reset(void)
{
    struct thread *t = thread_current();
    if (!t->fpu || t->fpu_fresh)
        return;
    fpu_discard(t->fpu);
    t->fpu_fresh = true;
}

/* An area that holds something, whatever it is. */
static int area_ensure(struct thread *t)
{
    if (likely(t->fpu))
        return 0;
    void *area = kmalloc(fpu_area_size());
    if (!area)
        return -ENOMEM;
    fpu_area_init(area);
    t->fpu_fresh = true;
    t->fpu = area;
    return 0;
}

/* The legacy part up to the software bytes, without bits of MXCSR that this machine lacks. */
static int load_legacy(u8 *area, u64 user)
{
    u32 mask, mxcsr;
    memcpy(&mask, area + LX_FX_MXCSR_MASK, sizeof mask);
    int r = copy_from_user(area, uptr(user), LX_FX_SW);
    memcpy(area + LX_FX_MXCSR_MASK, &mask, sizeof mask);
    memcpy(&mxcsr, area + LX_FX_MXCSR, sizeof mxcsr);
    mxcsr &= mask ? mask : MXCSR_DEFAULT_MASK;
    memcpy(area + LX_FX_MXCSR, &mxcsr, sizeof mxcsr);
    return r;
}

static int load_extended(u8 *area, u64 user)
{
    u64 bv = XFEATURE_X87_SSE, user_bv;
    struct lx_fpx_sw sw;
    if (copy_from_user(&sw, uptr(user + LX_FX_SW), sizeof sw))
        return -EFAULT;
    if (sw.magic1 == LX_FP_XSTATE_MAGIC1 && sw.xstate_size == fpu_area_size()) {
        if (copy_from_user(&user_bv, uptr(user + LX_XSTATE_BV), sizeof user_bv) ||
            copy_from_user(area + LX_XSTATE_HDR_END, uptr(user + LX_XSTATE_HDR_END),
                           fpu_area_size() - LX_XSTATE_HDR_END))
            return -EFAULT;
        bv = user_bv & xfeatures();
    }
    memcpy(area + LX_XSTATE_BV, &bv, sizeof bv);
    return 0;
}

int lx_fpu_frame_load(u64 user)
{
    if (!user) {
        lx_fpu_reset();
        return 0;
    }
    struct thread *t = thread_current();
    int r = area_ensure(t);
    if (r < 0)
        return r;
    lx_fpu_reset(); /* all of it that counts is loaded over */
    r = load_legacy(t->fpu, user);
    if (r == 0 && lx_fpu_is_xsave())
        r = load_extended(t->fpu, user);
    t->fpu_fresh = r < 0;
    return r;
}

int lx_fpu_copy(void **out)
{
    void *area = thread_current()->fpu;
    *out = NULL;
    if (!area || thread_current()->fpu_fresh)
        return 0;
    void *copy = kmalloc(fpu_area_size());
    if (!copy)
        return -ENOMEM;
    fpu_sync(area);
    memcpy(copy, area, fpu_area_size());
    *out = copy;
    return 0;
}
