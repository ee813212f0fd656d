/* For the kernel's self-tests: execve up to the point of no return, and a program that never was a
 * file, so that a fault of the ELF loader can be told from one of the way to ring 3. */
#include "lib/errno.h"
#include "linux/linux.h"
#include "linux/lx.h"
#include "mm/slab.h"

#define CODE_AT 0x400000ul
#define CODE_MAX PAGE_SIZE

static int try_prepare(struct lx_process *lx, const char *path)
{
    static const char *const none[] = { NULL };
    const char *const argv[] = { path, "argument", NULL };
    struct vcred root = { .powers = VPOWER_ALL };
    struct walk w = { .root = lx->fs->root, .cwd = lx->fs->cwd, .cred = &root };
    struct exec_args args;
    struct exec_plan *plan;
    int r = exec_args_from_kernel(&args, argv, none);
    if (r < 0)
        return r;
    r = exec_prepare(&w, lx->fs->cwd, path, &args, lx, &plan);
    exec_args_free(&args);
    if (r == 0)
        exec_abort(plan);
    return r;
}

int linux_exec_try(const char *path)
{
    struct lx_process *lx;
    int r = lx_process_create(NULL, false, false, &lx);
    if (r < 0)
        return r;
    r = try_prepare(lx, path);
    lx_process_destroy(lx);
    return r;
}

static int map_code(struct aspace *as, const void *code, size_t size)
{
    vaddr_t at = CODE_AT;
    int r = aspace_map(as, NULL, 0, CODE_MAX, VM_READ | VM_WRITE, VM_READ | VM_WRITE | VM_EXEC, VM_FIXED, &at);
    if (r == 0 && aspace_write(as, at, code, size) != (ssize_t_k)size)
        r = -ENOMEM;
    return r ? r : aspace_protect(as, at, CODE_MAX, VM_READ | VM_EXEC);
}

/* A process with the code mapped and nothing else; it owns lx. */
static int code_process(const void *code, size_t size, struct process **out)
{
    struct lx_process *lx;
    struct aspace *as = NULL;
    struct handle_table *handles = NULL;
    int r = lx_process_create(NULL, false, false, &lx);
    if (r < 0)
        return r;
    r = aspace_create(&as);
    if (r == 0)
        r = map_code(as, code, size);
    if (r == 0)
        r = handle_table_create(&handles);
    if (r == 0)
        r = process_create(NULL, as, handles, 0, out);
    if (r < 0) {
        handle_table_put(handles);
        aspace_put(as);
        lx_process_destroy(lx);
        return r;
    }
    lx->process = *out;
    (*out)->lx = lx;
    return 0;
}

/* The first thread; from here on the process ends by itself. */
static int code_start(struct process *p)
{
    struct trap_frame f = { .rip = CODE_AT, .cs = SEL_UCODE, .rflags = 0x202, .rsp = CODE_AT, .ss = SEL_UDATA };
    struct uthread *ut;
    struct lx_thread *lt;
    int r = lx_thread_create(&lt);
    if (r < 0)
        return r;
    r = uthread_create(p, &f, 0, 0, &ut);
    if (r < 0) {
        kfree(lt);
        return r;
    }
    ut->lx = lt;
    uthread_start(ut);
    return 0;
}

static int code_reap(struct process *p)
{
    bool ended = false;
    while (!ended) {
        (void)!sleep_until_ns(clock_now_ns() + NSEC_PER_SEC / TICK_HZ, false);
        mutex_lock(&process_tree_lock);
        ended = p->state == PROCESS_ZOMBIE;
        if (ended)
            process_reap_locked(p);
        mutex_unlock(&process_tree_lock);
    }
    return p->exit_status;
}

int linux_run_code(const void *code, size_t size, int *status)
{
    struct process *p;
    ASSERT(size <= CODE_MAX);
    int r = code_process(code, size, &p);
    if (r < 0)
        return r;
    r = code_start(p);
    if (r < 0) {
        process_abandon(p);
        return r;
    }
    kobject_get(&p->obj);
    *status = code_reap(p);
    kobject_put(&p->obj);
    return 0;
}
