/* From a name to the ELF file that will run: permission, #! lines, set-id bits, /proc/PID/exe. */
#include "linux/exec_priv.h"
#include "linux/ptrace.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

#define SCRIPT_DEPTH_MAX 4 /* interpreters that are scripts themselves: as Linux */

void exec_file_close(struct exec_file *f)
{
    if (f->vmo)
        vmo_put(f->vmo);
    if (f->vnode)
        vnode_put(f->vnode);
    f->vmo = NULL;
    f->vnode = NULL;
}

static int vnode_for_exec(const struct walk *w, struct vnode *start, const char *path, struct vnode **out)
{
    if (*path)
        return path_lookup(w, start, path, 0, out);
    vnode_get(start);
    *out = start;
    return 0;
}

static int file_check(const struct walk *w, struct vnode *v)
{
    if (v->type != V_REG || !v->ops->get_vmo || (vnode_mount_flags(v) & MOUNT_NOEXEC))
        return -EACCES;
    return vnode_permission(v, w->cred, MAY_EXEC);
}

int exec_file_open(const struct walk *w, struct vnode *start, const char *path, struct exec_file *f)
{
    f->vmo = NULL;
    int r = vnode_for_exec(w, start, path, &f->vnode);
    if (r) {
        f->vnode = NULL;
        return r;
    }
    r = file_check(w, f->vnode);
    if (!r && f->vnode->ops->get_vmo(f->vnode, &f->vmo)) {
        f->vmo = NULL;
        r = -EACCES;
    }
    ssize_t_k n = r ? r : vmo_read(f->vmo, 0, f->head, sizeof(f->head));
    if (n < 0) {
        exec_file_close(f);
        return (int)n;
    }
    f->head_len = (size_t)n;
    return 0;
}

/* Set-user-id and set-group-id count on the ELF file only, never on a script. */
int exec_identity(struct exec_plan *plan, const struct lx_process *lx)
{
    struct vattr a;
    int r = vfs_getattr(plan->file.vnode, &a);
    if (r)
        return r;
    bool grants = plan->grants = !lx->no_new_privs && !lx_trace_holds_back() &&
                                  !(vnode_mount_flags(plan->file.vnode) & MOUNT_NOSUID);
    plan->euid = grants && (a.mode & MODE_SUID) ? a.uid : lx->euid;
    plan->egid = grants && (a.mode & MODE_SGID) && (a.mode & 0010) ? a.gid : lx->egid;
    plan->secure = plan->euid != lx->uid || plan->egid != lx->gid;
    plan->same_places = !plan->secure && (lx->personality & LX_ADDR_NO_RANDOMIZE);
    return 0;
}

int exec_find(const struct walk *w, const struct exec_name *what, struct exec_args *args, struct exec_plan *plan)
{
    const char *name = what->path, *shown = what->shown;
    struct vnode *start = what->start;
    for (unsigned depth = 0;; depth++) {
        int r = exec_file_open(w, start, name, &plan->file);
        if (r)
            return r;
        if (plan->file.head_len < 2 || memcmp(plan->file.head, "#!", 2))
            return 0;
        if (depth == SCRIPT_DEPTH_MAX)
            return -ELOOP;
        if (!depth && what->lost)
            return -ENOENT;
        /* shown may be the last script's plan->script.interp: used up before it is parsed anew */
        char *last = depth ? kstrdup(shown) : NULL;
        if (depth && !last)
            return -ENOMEM;
        r = script_parse(plan->file.head, plan->file.head_len, &plan->script);
        if (!r)
            r = exec_args_for_script(args, &plan->script, depth ? last : shown);
        kfree(last);
        if (r)
            return r;
        exec_file_close(&plan->file);
        name = shown = plan->script.interp;
        start = w->cwd;
    }
}
