/* ptrace(2): what a tracer asks for. Each request finds its tracee under the tree lock and works on
 * kernel memory there; user memory is touched before or after, because a fault may need that lock.
 * Hardware breakpoints are not offered: their registers read as 0 and refuse anything else, so that
 * debuggers fall back to stepping. */
#include "linux/missing.h"
#include "linux/ptrace.h"
#include "arch/fpu.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/signal_priv.h"
#include "linux/syscall.h"
#include "mm/slab.h"

struct lx_iov { u64 base, len; };

/* Locks, and finds a stopped tracee. -ESRCH with nothing locked. */
static int stopped_get(int tid, struct lx_trace **out)
{
    mutex_lock(&process_tree_lock);
    *out = lx_trace_find_locked(tid);
    if (*out && (*out)->state == TRACE_STOPPED)
        return 0;
    mutex_unlock(&process_tree_lock);
    return -ESRCH;
}

static void stopped_put(void) { mutex_unlock(&process_tree_lock); }

/* --- going on --- */

static long resume(int tid, enum lx_trace_mode mode, u64 sig)
{
    struct lx_trace *tr;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    if (sig > LX_NSIG)
        r = -EIO;
    else
        lx_trace_resume_locked(tr, mode, (int)sig);
    stopped_put();
    return r;
}

static long detach(int tid, u64 sig)
{
    struct lx_trace *tr;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    if (sig > LX_NSIG)
        r = -EIO;
    else
        lx_trace_detach_locked(tr, (int)sig);
    stopped_put();
    return r;
}

static long end_tracee(int tid)
{
    mutex_lock(&process_tree_lock);
    struct lx_trace *tr = lx_trace_find_locked(tid);
    if (tr)
        process_begin_exit(tr->process, SIGKILL);
    mutex_unlock(&process_tree_lock);
    return tr ? 0 : -ESRCH;
}

static long interrupt(int tid)
{
    mutex_lock(&process_tree_lock);
    struct lx_trace *tr = lx_trace_find_locked(tid);
    long r = !tr ? -ESRCH : tr->seized ? 0 : -EIO;
    if (r == 0) {
        __atomic_fetch_or(&tr->asked, TRACE_ASK_STOP, __ATOMIC_RELEASE);
        thread_interrupt(tr->thread->thread, WORK_SIGNAL);
        waitq_wake_all(&tr->wait);
    }
    mutex_unlock(&process_tree_lock);
    return r;
}

/* Only in a stop of the whole process: it goes on standing, but says when that ends. */
static long listen(int tid)
{
    struct lx_trace *tr;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    if (!tr->seized || tr->code >> 8 != LX_EVENT_STOP)
        r = -EIO;
    else
        __atomic_store_n(&tr->listening, true, __ATOMIC_RELEASE);
    waitq_wake_all(&tr->wait);
    stopped_put();
    return r;
}

static long set_options(int tid, u64 options)
{
    struct lx_trace *tr;
    if (options & ~(u64)LX_O_KNOWN)
        return -EINVAL;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    tr->options = (u32)options;
    stopped_put();
    return 0;
}

/* --- memory: protected from the program itself, not from who debugs it --- */

static int memory_of(int tid, struct aspace **out)
{
    struct lx_trace *tr;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    *out = process_aspace_get(tr->process);
    stopped_put();
    return *out ? 0 : -ESRCH;
}

static long peek(int tid, u64 addr, u64 to)
{
    struct aspace *as;
    u64 word;
    int r = memory_of(tid, &as);
    if (r < 0)
        return r;
    if (aspace_peek(as, addr, &word, sizeof word) != sizeof word)
        r = -EIO;
    aspace_put(as);
    return r < 0 ? r : copy_to_user(uptr(to), &word, sizeof word);
}

static long poke(int tid, u64 addr, u64 word)
{
    struct aspace *as;
    int r = memory_of(tid, &as);
    if (r < 0)
        return r;
    if (aspace_poke(as, addr, &word, sizeof word) != sizeof word)
        r = -EIO;
    aspace_put(as);
    return r;
}

/* --- registers --- */

static long get_regs(int tid, u64 to, size_t size)
{
    struct lx_user_regs regs;
    struct lx_trace *tr;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    lx_trace_regs_get(tr, &regs);
    stopped_put();
    return copy_to_user(uptr(to), &regs, MIN(size, sizeof regs));
}

/* The first `size` bytes; the others stay. */
static long set_regs(int tid, u64 from, size_t size)
{
    struct lx_user_regs regs, given;
    struct lx_trace *tr;
    size = MIN(size, sizeof given);
    if (size % sizeof(u64))
        return -EINVAL;
    if (copy_from_user(&given, uptr(from), size))
        return -EFAULT;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    lx_trace_regs_get(tr, &regs);
    memcpy(&regs, &given, size);
    r = lx_trace_regs_set(tr, &regs);
    stopped_put();
    return r;
}

static long get_fpu(int tid, u64 to, size_t size)
{
    struct lx_trace *tr;
    void *image = kzalloc(fpu_area_size());
    if (!image)
        return -ENOMEM;
    int r = stopped_get(tid, &tr);
    if (r == 0) {
        lx_trace_fpu_get(tr, image, size);
        stopped_put();
        r = copy_to_user(uptr(to), image, size);
    }
    kfree(image);
    return r;
}

static long set_fpu(int tid, u64 from, size_t size)
{
    struct lx_trace *tr;
    void *image = kzalloc(fpu_area_size()), *spare = kmalloc(fpu_area_size());
    int r = image && spare ? 0 : -ENOMEM;
    if (r == 0)
        r = copy_from_user(image, uptr(from), size);
    if (r == 0)
        r = stopped_get(tid, &tr);
    if (r == 0) {
        r = lx_trace_fpu_set(tr, image, size, &spare);
        stopped_put();
    }
    kfree(image);
    kfree(spare);
    return r;
}

/* The register sets that core files name; the vector's length says how much was moved. */
static long regset(int tid, u64 type, u64 uiov, bool set)
{
    struct lx_iov iov;
    size_t size = type == LX_NT_PRSTATUS ? sizeof(struct lx_user_regs) : type == LX_NT_PRFPREG ? 512 :
                  type == LX_NT_X86_XSTATE && lx_trace_fpu_size() > 512 ? lx_trace_fpu_size() : 0;
    if (!size)
        return type == LX_NT_X86_XSTATE ? -ENODEV : -EINVAL;
    if (copy_from_user(&iov, uptr(uiov), sizeof iov))
        return -EFAULT;
    if (iov.len % sizeof(u64))
        return -EINVAL;
    size = MIN(size, iov.len);
    long r;
    if (type == LX_NT_PRSTATUS)
        r = set ? set_regs(tid, iov.base, size) : get_regs(tid, iov.base, size);
    else
        r = set ? set_fpu(tid, iov.base, size) : get_fpu(tid, iov.base, size);
    iov.len = size;
    return r < 0 ? r : copy_to_user(uptr(uiov), &iov, sizeof iov);
}

/* struct user, word by word: the registers first; breakpoint registers read as 0; nothing else. */
static long peek_user(int tid, u64 offset, u64 to)
{
    struct lx_user_regs regs;
    struct lx_trace *tr;
    u64 word = 0;
    if (offset % sizeof word || offset >= LX_USER_BYTES)
        return -EIO;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    lx_trace_regs_get(tr, &regs);
    stopped_put();
    if (offset < sizeof regs)
        memcpy(&word, (u8 *)&regs + offset, sizeof word);
    return copy_to_user(uptr(to), &word, sizeof word);
}

static long poke_user(int tid, u64 offset, u64 word)
{
    struct lx_user_regs regs;
    struct lx_trace *tr;
    if (offset % sizeof word || offset >= LX_USER_BYTES)
        return -EIO;
    if (offset >= sizeof regs)
        return offset < LX_USER_DEBUGREG ? -EIO : word ? -ENOSPC : 0;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    lx_trace_regs_get(tr, &regs);
    memcpy((u8 *)&regs + offset, &word, sizeof word);
    r = lx_trace_regs_set(tr, &regs);
    stopped_put();
    return r;
}

/* --- what is known of the stop --- */

static long get_message(int tid, u64 to)
{
    struct lx_trace *tr;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    u64 message = tr->message;
    stopped_put();
    return copy_to_user(uptr(to), &message, sizeof message);
}

static long get_info(int tid, u64 to)
{
    struct lx_siginfo info;
    struct lx_trace *tr;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    info = tr->info;
    r = tr->has_info ? 0 : -EINVAL;
    stopped_put();
    return r < 0 ? r : copy_to_user(uptr(to), &info, sizeof info);
}

static long set_info(int tid, u64 from)
{
    struct lx_siginfo info;
    struct lx_trace *tr;
    if (copy_from_user(&info, uptr(from), sizeof info))
        return -EFAULT;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    r = tr->has_info ? 0 : -EINVAL;
    if (r == 0)
        tr->info = info;
    stopped_put();
    return r;
}

static long sigmask(int tid, u64 size, u64 user, bool set)
{
    struct lx_trace *tr;
    u64 mask = 0;
    if (size != sizeof mask)
        return -EINVAL;
    if (set && copy_from_user(&mask, uptr(user), sizeof mask))
        return -EFAULT;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    struct lx_sighand *sh = tr->process->lx->sighand;
    u64 irq = spin_lock_irqsave(&sh->lock);
    if (set)
        tr->thread->lx->sigmask = mask & ~LX_UNMASKABLE;
    mask = tr->thread->lx->sigmask;
    spin_unlock_irqrestore(&sh->lock, irq);
    stopped_put();
    return set ? 0 : copy_to_user(uptr(user), &mask, sizeof mask);
}

static long call_info(int tid, u64 size, u64 to)
{
    struct lx_call_info info;
    struct lx_trace *tr;
    size_t full;
    int r = stopped_get(tid, &tr);
    if (r < 0)
        return r;
    lx_trace_call_info(tr, &info, &full);
    stopped_put();
    return copy_to_user(uptr(to), &info, MIN(size, full)) ? -EFAULT : (long)full;
}

static long seize(int tid, u64 addr, u64 options)
{
    if (addr || (options & ~(u64)LX_O_KNOWN))
        return -EIO;
    return lx_trace_attach(tid, true, (u32)options);
}

long sys_ptrace(u64 request, u64 atid, u64 addr, u64 data, u64 a4, u64 a5)
{
    int tid = (int)atid;
    switch (request) {
    case LX_PTRACE_TRACEME: return lx_trace_me();
    case LX_PTRACE_ATTACH: return lx_trace_attach(tid, false, 0);
    case LX_PTRACE_SEIZE: return seize(tid, addr, data);
    case LX_PTRACE_PEEKTEXT: case LX_PTRACE_PEEKDATA: return peek(tid, addr, data);
    case LX_PTRACE_POKETEXT: case LX_PTRACE_POKEDATA: return poke(tid, addr, data);
    case LX_PTRACE_PEEKUSER: return peek_user(tid, addr, data);
    case LX_PTRACE_POKEUSER: return poke_user(tid, addr, data);
    case LX_PTRACE_CONT: return resume(tid, TRACE_CONT, data);
    case LX_PTRACE_SYSCALL: return resume(tid, TRACE_SYSCALL, data);
    case LX_PTRACE_SYSEMU: return resume(tid, TRACE_SYSEMU, data);
    case LX_PTRACE_SINGLESTEP: return resume(tid, TRACE_STEP, data);
    case LX_PTRACE_DETACH: return detach(tid, data);
    case LX_PTRACE_KILL: return end_tracee(tid);
    case LX_PTRACE_INTERRUPT: return interrupt(tid);
    case LX_PTRACE_LISTEN: return listen(tid);
    case LX_PTRACE_SETOPTIONS: return set_options(tid, data);
    case LX_PTRACE_GETREGS: return get_regs(tid, data, sizeof(struct lx_user_regs));
    case LX_PTRACE_SETREGS: return set_regs(tid, data, sizeof(struct lx_user_regs));
    case LX_PTRACE_GETFPREGS: return get_fpu(tid, data, 512);
    case LX_PTRACE_SETFPREGS: return set_fpu(tid, data, 512);
    case LX_PTRACE_GETREGSET: return regset(tid, addr, data, false);
    case LX_PTRACE_SETREGSET: return regset(tid, addr, data, true);
    case LX_PTRACE_GETEVENTMSG: return get_message(tid, data);
    case LX_PTRACE_GETSIGINFO: return get_info(tid, data);
    case LX_PTRACE_SETSIGINFO: return set_info(tid, data);
    case LX_PTRACE_GETSIGMASK: return sigmask(tid, addr, data, false);
    case LX_PTRACE_SETSIGMASK: return sigmask(tid, addr, data, true);
    case LX_PTRACE_GET_SYSCALL_INFO: return call_info(tid, addr, data);
    default: return lx_missing((u32)request, -EIO);
    }
}
