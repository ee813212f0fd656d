/* The Linux personality comes up, and process 1 with it. */
#include "linux/linux.h"
#include "linux/fb_dev.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "linux/lx.h"
#include "linux/sock.h"
#include "linux/tty_job.h"
#include "linux/vdso_page.h"
#include "mm/slab.h"

static u64 powers_of_caller(void) { return process_current() ? lx_current()->caps.effective : VPOWER_ALL; }

void linux_init(void)
{
    process_set_hooks(&lx_process_hooks);
    vfs_set_caller_powers(powers_of_caller);
    tty_set_ops(&lx_tty_ops);
    lx_futex_init();
    net_set_hooks(&lx_net_hooks);
    procfs_init();
    fb_dev_init();
    vdso_init();
    lx_oom_init();
}

/* Descriptors 0, 1 and 2 on the console. */
static int open_console(const struct walk *w, struct handle_table *h)
{
    struct file *f;
    int slot, r = vfs_open(w, w->root, "/dev/console", &(struct open_how){ .file_flags = FILE_READ | FILE_WRITE }, &f);
    if (r < 0)
        return r;
    for (int fd = 0; fd < 3 && r == 0; fd++)
        r = handle_install(h, &f->obj, lx_rights_of(f), 0, fd, &slot);
    file_put(f);
    return r;
}

struct first {
    struct lx_process *lx;
    struct lx_thread *lt;
    struct aspace *as;
    struct handle_table *handles;
    struct exec_plan *plan;
};

static void first_undo(struct first *f)
{
    if (f->plan)
        exec_abort(f->plan);
    if (f->handles)
        handle_table_put(f->handles);
    if (f->as)
        aspace_put(f->as);
    lx_process_destroy(f->lx);
    kfree(f->lt);
}

/* Everything that may fail before there is a process; first_undo takes it back. */
static int first_prepare(struct first *f, const char *path, struct exec_args *args)
{
    struct vcred root = { .powers = VPOWER_ALL };
    int r = lx_process_create(NULL, false, false, &f->lx);
    if (r < 0)
        return r;
    struct walk w = { .root = f->lx->fs->root, .cwd = f->lx->fs->cwd, .cred = &root };
    r = lx_thread_create(&f->lt);
    if (r == 0)
        r = aspace_create(&f->as);
    if (r == 0)
        r = handle_table_create(&f->handles);
    if (r == 0)
        r = open_console(&w, f->handles);
    if (r == 0)
        r = exec_prepare(&w, f->lx->fs->cwd, path, args, f->lx, &f->plan);
    return r;
}

/* The console is its terminal from the first moment. Without one it still runs. */
static void take_console(struct lx_process *lx)
{
    struct tty *t = tty_console();
    int r = t ? tty_set_session(t, 1, 1, true) : -ENXIO;
    if (r == 0)
        lx_ctty_set_locked(lx, t);
    else
        kwarn("init: no controlling terminal: error %d", -r);
}

static int first_start(struct first *f)
{
    struct process *p;
    struct uthread *ut;
    struct trap_frame frame = { 0 };
    int r = process_create_init(f->as, f->handles, &p);
    if (r < 0) {
        first_undo(f);
        return r;
    }
    p->lx = f->lx;
    p->lx->process = p;
    exec_commit(f->plan, p, f->lt, &frame);
    r = uthread_create(p, &frame, 0, 0, &ut);
    if (r < 0) {
        kfree(f->lt);
        process_abandon(p);
        return r;
    }
    ut->lx = f->lt;
    take_console(p->lx);
    uthread_start(ut);
    return 0;
}

int linux_start_init(const char *path, const char *const argv[], const char *const envp[])
{
    struct first f = { 0 };
    struct exec_args args;
    int r = exec_args_from_kernel(&args, argv, envp);
    if (r < 0)
        return r;
    r = first_prepare(&f, path, &args);
    exec_args_free(&args);
    if (r < 0) {
        first_undo(&f);
        return r;
    }
    return first_start(&f);
}
