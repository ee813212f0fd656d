/* execve in two halves. exec_prepare builds everything beside the running program and may fail at
 * any step; exec_commit swaps it in and cannot. */
#include "arch/cpu.h"
#include "arch/fpu.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/random.h"
#include "lib/string.h"
#include "linux/exec_priv.h"
#include "linux/ptrace.h"
#include "linux/signal_fpu.h"
#include "linux/vdso_page.h"
#include "mm/slab.h"

#define STACK_RANDOM_PAGES (1ul << 22) /* 16 GiB, as on Linux */
#define STACK_FIRST_BYTES (128ul << 10) /* mapped below the arguments; grows by faults */
#define STACK_GAP_MIN (128ul << 20)     /* kept for the stack above all other mappings */
#define STACK_GAP_MAX (USER_TOP / 6 * 5)
#define MMAP_RANDOM_PAGES (1ul << 28)
#define BRK_RANDOM_PAGES (32ul << 20 >> PAGE_SHIFT)
#define MSR_FS_BASE 0xc0000100u /* SDM vol. 4, table 2-2 */
#define USER_RFLAGS 0x202ul     /* IF and the bit that is always set (SDM vol. 1, 3.4.3) */
/* A signal frame without the FPU's part: ucontext, siginfo, return address, red zone. */
#define SIGFRAME_BYTES 1152u

u64 exec_random_below(const struct exec_plan *plan, u64 n)
{
    return plan->same_places ? 0 : kernel_random_u64() % n;
}

static u64 stack_limit_of(const struct lx_process *lx) { return lx->rlimit[LX_RLIMIT_STACK].cur; }

static int interp_open(const struct walk *w, struct exec_plan *plan)
{
    if (!plan->elf.interp_size)
        return 0;
    char name[256];
    size_t n = plan->elf.interp_size;
    ASSERT(n <= sizeof(name)); /* elf_plan_make's promise */
    ssize_t_k got = vmo_read(plan->file.vmo, plan->elf.interp_offset, name, n);
    if (got < 0)
        return (int)got;
    if ((size_t)got != n || strnlen(name, n) != n - 1)
        return -ENOEXEC;
    int r = exec_file_open(w, w->cwd, name, &plan->interp);
    if (!r)
        r = exec_elf_read(&plan->interp, &plan->interp_elf);
    if (!r && plan->interp_elf.interp_size)
        r = -ENOEXEC;
    return r;
}

static unsigned auxv_make(const struct exec_plan *plan, const struct lx_process *lx, struct auxv *a)
{
    const struct auxv fill[] = {
        { LX_AT_HWCAP, cpuid(1, 0).edx },
        { LX_AT_PAGESZ, PAGE_SIZE },
        { LX_AT_CLKTCK, 100 },
        { LX_AT_PHDR, plan->elf.phdr_vaddr ? plan->base + plan->elf.phdr_vaddr : 0 },
        { LX_AT_PHENT, ELF_PHDR_BYTES },
        { LX_AT_PHNUM, plan->elf.phnum },
        { LX_AT_BASE, plan->interp_base },
        { LX_AT_FLAGS, 0 },
        { LX_AT_ENTRY, plan->base + plan->elf.entry },
        { LX_AT_UID, lx->uid },
        { LX_AT_EUID, plan->euid },
        { LX_AT_GID, lx->gid },
        { LX_AT_EGID, plan->egid },
        { LX_AT_SECURE, plan->secure },
        { LX_AT_MINSIGSTKSZ, SIGFRAME_BYTES + fpu_area_size() },
        { LX_AT_SYSINFO_EHDR, plan->vdso }, /* last: left out if there is none */
    };
    memcpy(a, fill, sizeof(fill));
    return ARRAY_SIZE(fill) - (plan->vdso == 0);
}

/* Maps the stack and writes the image on it. top is page aligned. */
static int stack_map(struct exec_plan *plan, vaddr_t top, const u8 *image)
{
    size_t size = ROUND_UP(top - plan->stack.sp + STACK_FIRST_BYTES, PAGE_SIZE);
    vaddr_t at = top - size;
    unsigned prot = VM_READ | VM_WRITE | (plan->elf.exec_stack ? VM_EXEC : 0);
    int r = aspace_map(plan->as, NULL, 0, size, prot, VM_READ | VM_WRITE | VM_EXEC,
                       VM_FIXED | VM_NOREPLACE | VM_GROWSDOWN, &at);
    if (r)
        return r == -EEXIST ? -ENOMEM : r;
    ssize_t_k n = aspace_write(plan->as, plan->stack.sp, image, plan->stack.size);
    return n == (ssize_t_k)plan->stack.size ? 0 : -ENOMEM;
}

static void auxv_keep(struct exec_plan *plan, const u8 *image)
{
    size_t n = plan->stack.nauxv * 2;
    ASSERT(n <= ARRAY_SIZE(plan->auxv));
    memcpy(plan->auxv, image + (plan->stack.auxv - plan->stack.sp), n * sizeof(u64));
    plan->auxv_n = (unsigned)n;
}

static int stack_make(struct exec_plan *plan, const struct exec_args *args, const char *shown,
                      const struct lx_process *lx, vaddr_t top)
{
    struct auxv auxv[20];
    u8 random[16];
    kernel_random(random, sizeof(random));
    struct stack_spec spec = {
        /* a random start within the page spreads stacks over the cache's sets */
        .top = top - exec_random_below(plan, PAGE_SIZE / 16) * 16,
        .strings = args->strings, .strings_len = args->len, .argc = args->argc, .envc = args->envc,
        .execfn = shown, .random = random, .auxv = auxv, .nauxv = auxv_make(plan, lx, auxv),
    };
    if (!stack_layout_make(&spec, &plan->stack))
        return -E2BIG;
    if (plan->stack.size > MAX(stack_limit_of(lx) / 4, 128ul << 10))
        return -E2BIG;
    u8 *image = kmalloc(plan->stack.size);
    if (!image)
        return -ENOMEM;
    stack_image_write(&spec, &plan->stack, image);
    auxv_keep(plan, image);
    plan->sp = plan->stack.sp;
    int r = stack_map(plan, top, image);
    kfree(image);
    return r;
}

/* From the top: stack, its gap, mappings downwards; program and brk below. All with random shifts. */
static int aspace_fill(struct exec_plan *plan, const struct exec_args *args, const char *shown,
                       const struct lx_process *lx)
{
    int r = aspace_create(&plan->as);
    if (r)
        return r;
    u64 limit = stack_limit_of(lx);
    vaddr_t top = USER_TOP - exec_random_below(plan, STACK_RANDOM_PAGES) * PAGE_SIZE;
    u64 gap = MIN(MAX(limit, STACK_GAP_MIN), STACK_GAP_MAX);
    u64 shift = gap < STACK_GAP_MAX / 2 ? exec_random_below(plan, MMAP_RANDOM_PAGES) * PAGE_SIZE : 0;
    aspace_set_limits(plan->as, limit, lx->rlimit[LX_RLIMIT_AS].cur);
    /* Below the lowest stack there can be: where mappings are says nothing of where the stack is. */
    aspace_set_mmap_top(plan->as, ROUND_DOWN(USER_TOP - STACK_RANDOM_PAGES * PAGE_SIZE - gap - shift, PAGE_SIZE));
    r = exec_load(plan);
    if (!r)
        r = vdso_map(plan->as, &plan->vdso);
    if (r)
        return r;
    aspace_brk_init(plan->as, plan->brk_start + exec_random_below(plan, BRK_RANDOM_PAGES) * PAGE_SIZE);
    return stack_make(plan, args, shown, lx, top);
}

static void comm_make(struct exec_plan *plan, const char *shown)
{
    const char *slash = strrchr(shown, '/');
    str_copy(plan->comm, slash ? slash + 1 : shown, sizeof(plan->comm));
}

static int plan_build(struct exec_plan *plan, const struct walk *w, const struct exec_name *name,
                      struct exec_args *args, const struct lx_process *lx)
{
    comm_make(plan, name->shown);
    int r = exec_find(w, name, args, plan);
    if (!r)
        r = lx_exe_get(plan->file.vnode);
    if (r)
        return r;
    plan->exe = plan->file.vnode;
    r = exec_elf_read(&plan->file, &plan->elf);
    if (!r)
        r = exec_identity(plan, lx);
    if (!r)
        r = interp_open(w, plan);
    if (!r)
        r = aspace_fill(plan, args, name->shown, lx);
    return r;
}

int exec_prepare_named(const struct walk *w, const struct exec_name *name, struct exec_args *args,
                       struct lx_process *lx, struct exec_plan **out)
{
    struct exec_plan *plan = kmalloc(sizeof(*plan));
    if (!plan)
        return -ENOMEM;
    memset(plan, 0, offsetof(struct exec_plan, elf));
    int r = plan_build(plan, w, name, args, lx);
    if (r)
        exec_abort(plan);
    else
        *out = plan;
    return r;
}

int exec_prepare(const struct walk *w, struct vnode *start, const char *path, struct exec_args *args,
                 struct lx_process *lx, struct exec_plan **out)
{
    if (!*path)
        return -ENOENT;
    return exec_prepare_named(w, &(struct exec_name){ start, path, path, false }, args, lx, out);
}

void exec_abort(struct exec_plan *plan)
{
    aspace_put(plan->as);
    lx_exe_put(plan->exe);
    exec_file_close(&plan->interp);
    exec_file_close(&plan->file);
    kfree(plan);
}

/* Before the new memory is there: who asks whether it may look into it must not be judged by the old program's
 * owner (lx_aspace_of). A tracer that came since exec_prepare keeps it from getting rights, as one before it. */
static void rights_commit(struct exec_plan *plan, struct lx_process *lx)
{
    mutex_lock(&process_tree_lock);
    if (plan->grants && lx_trace_holds_back_locked())
        plan->grants = false, plan->euid = lx->euid, plan->egid = lx->egid;
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    lx_caps_exec(&lx->caps, lx->uid, plan->euid, plan->secure, plan->grants);
    lx->euid = lx->suid = lx->fsuid = plan->euid;
    lx->egid = lx->sgid = lx->fsgid = plan->egid;
    lx->dumpable = !plan->secure;
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    mutex_unlock(&process_tree_lock);
}

/* From the first executable byte to the last. */
static void code_note(const struct exec_plan *plan, struct lx_process *lx)
{
    lx->code_start = UINT64_MAX, lx->code_end = 0;
    for (unsigned i = 0; i < plan->elf.nsegments; i++) {
        const struct elf_segment *s = &plan->elf.segment[i];
        if (!(s->rights & ELF_EXEC))
            continue;
        lx->code_start = MIN(lx->code_start, plan->base + s->vaddr);
        lx->code_end = MAX(lx->code_end, plan->base + s->vaddr + s->filesz);
    }
}

static void process_commit(struct exec_plan *plan, struct process *p)
{
    struct lx_process *lx = p->lx;
    str_copy(p->name, plan->comm, sizeof(p->name));
    lx->arg_start = plan->stack.arg_start;
    lx->arg_end = plan->stack.arg_end;
    lx->env_start = plan->stack.env_start;
    lx->env_end = plan->stack.env_end;
    code_note(plan, lx);
    lx->stack_start = plan->stack.sp;
    memcpy(lx->auxv, plan->auxv, plan->auxv_n * sizeof(u64));
    lx->auxv_n = plan->auxv_n;
    lx->did_exec = true;
    lx->membarriers = 0;
    if (plan->secure)
        lx->pdeath_signal = 0;
    if (plan->secure)
        lx->personality &= ~LX_ADDR_NO_RANDOMIZE;
    lx->exit_signal = SIGCHLD; /* whatever clone asked for was meant for the old program */
    mutex_lock(&process_tree_lock);
    struct vnode *old = lx->exe;
    lx->exe = plan->exe; /* as we got it */
    mutex_unlock(&process_tree_lock);
    plan->exe = NULL;
    lx_exe_put(old);
    lx_signal_exec(lx);
    lx_ptimers_delete(lx);
    handle_table_close_on_exec(p->handles);
}

/* The running thread's name, and its registers beyond the frame. A new process has none of them yet. */
static void thread_commit(struct thread *t, const char *comm)
{
    str_copy(t->name, comm, sizeof(t->name));
    lx_fpu_reset();
    t->fs_base = 0;
    wrmsr(MSR_FS_BASE, 0);
}

void exec_commit(struct exec_plan *plan, struct process *p, struct lx_thread *lt, struct trap_frame *frame)
{
    *frame = (struct trap_frame){
        .rip = plan->entry, .cs = SEL_UCODE, .rflags = USER_RFLAGS, .rsp = plan->sp, .ss = SEL_UDATA,
    };
    rights_commit(plan, p->lx);
    process_set_aspace(p, plan->as);
    plan->as = NULL;
    if (lt)
        lx_thread_exec(lt);
    if (p == process_current())
        thread_commit(thread_current(), plan->comm);
    process_commit(plan, p);
    lx_vfork_done(p);
    exec_abort(plan);
}
