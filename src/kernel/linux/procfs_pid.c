/* /proc/PID: one process, or with task/TID one thread of it.
 *
 * A snapshot is taken under process_tree_lock (and, for threads, the process's thread lock), then
 * written out with no lock held. What was asked for and has gone is -ESRCH. */
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/procfs_snapshot.h"
#include "mm/slab.h"

static int make_comm(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = proc_snapshot(&s, k);
    if (r == 0)
        proc_printf(t, "%s\n", s.name);
    return r;
}

/* Copies the program's memory page by page; what was unmapped meanwhile ends the text. */
static int append_memory(struct proc_text *t, const struct proc_key *k, bool secret, vaddr_t from, vaddr_t to)
{
    struct aspace *as;
    char *page = kmalloc(PAGE_SIZE);
    if (!page)
        return -ENOMEM;
    int r = proc_aspace(k, secret, &as);
    while (r == 0 && as && from < to && !t->error) {
        ssize_t_k n = aspace_read(as, from, page, MIN(to - from, PAGE_SIZE));
        if (n <= 0)
            break;
        proc_append(t, page, (size_t)n);
        from += (size_t)n;
    }
    if (r == 0 && as)
        aspace_put(as);
    kfree(page);
    return r;
}

/* A program that calls itself something else writes that over its arguments, and on over its environment: servers do.
 * Linux tells so by the arguments' end, and then shows one string of a page at most. */
static size_t title_length(const struct proc_key *k, const struct snapshot *s)
{
    struct aspace *as = NULL;
    char last = 0, *page = kmalloc(PAGE_SIZE);
    ssize_t_k n = 0;
    if (page && proc_aspace(k, false, &as) == 0 && as && s->env_start == s->arg_end && s->arg_end > s->arg_start &&
        aspace_read(as, s->arg_end - 1, &last, 1) == 1 && last)
        n = aspace_read(as, s->arg_start, page, MIN(s->env_end - s->arg_start, PAGE_SIZE));
    size_t len = n > 0 ? strnlen(page, (size_t)n) : 0;
    if (as)
        aspace_put(as);
    kfree(page);
    return n > 0 ? MIN(len + 1, (size_t)n) : 0;
}

static int make_cmdline(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = proc_snapshot(&s, k);
    if (r < 0)
        return r;
    size_t title = title_length(k, &s);
    return append_memory(t, k, false, s.arg_start, title ? s.arg_start + title : s.arg_end);
}

static int make_auxv(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = proc_snapshot(&s, k);
    if (r == 0 && s.live_aspace)
        proc_append(t, s.auxv, s.auxv_n * sizeof(u64));
    return r;
}

/* No cgroups beyond the first: what Linux says then. */
static int make_cgroup(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "0::/\n");
    return 0;
}
static int make_personality(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = proc_snapshot(&s, k);
    if (r == 0)
        proc_printf(t, "%08x\n", s.personality);
    return r;
}

/* No kernel stack is looked into for this; 0 is what Linux shows when it cannot. */
static int make_wchan(struct proc_text *t, const struct proc_key *k)
{
    proc_append(t, "0", 1);
    return 0;
}

static bool note_child(struct proc_text *t, const struct process *p)
{
    struct process *child;
    list_for_each(child, &p->children, sibling)
        proc_printf(t, "%d ", child->pid);
    return true;
}

/* Of a process: all of its threads' children are its own. */
static int make_children(struct proc_text *t, const struct proc_key *k)
{
    mutex_lock(&process_tree_lock);
    const struct process *p = process_find_locked(k->id[PROC_PID]);
    bool found = p && note_child(t, p);
    mutex_unlock(&process_tree_lock);
    return found ? 0 : -ESRCH;
}

static int make_environ(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = proc_snapshot(&s, k);
    return r < 0 ? r : append_memory(t, k, true, s.env_start, s.env_end);
}

static void append_limit(struct proc_text *t, u64 value)
{
    if (value == UINT64_MAX)
        proc_printf(t, "%-20s ", "unlimited");
    else
        proc_printf(t, "%-20llu ", (ull)value);
}

static int make_limits(struct proc_text *t, const struct proc_key *k)
{
    static const struct { const char *name, *unit; } rows[LX_RLIMITS] = {
        { "Max cpu time", "seconds" }, { "Max file size", "bytes" }, { "Max data size", "bytes" },
        { "Max stack size", "bytes" }, { "Max core file size", "bytes" }, { "Max resident set", "bytes" },
        { "Max processes", "processes" }, { "Max open files", "files" }, { "Max locked memory", "bytes" },
        { "Max address space", "bytes" }, { "Max file locks", "locks" }, { "Max pending signals", "signals" },
        { "Max msgqueue size", "bytes" }, { "Max nice priority", "" }, { "Max realtime priority", "" },
        { "Max realtime timeout", "us" },
    };
    struct process *p = process_find(k->id[PROC_PID]);
    if (!p)
        return -ESRCH;
    proc_printf(t, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
    for (unsigned i = 0; p->lx && i < LX_RLIMITS; i++) {
        struct lx_rlimit limit = lx_limit_get(p->lx, i);
        proc_printf(t, "%-25s ", rows[i].name);
        append_limit(t, limit.cur);
        append_limit(t, limit.max);
        proc_printf(t, "%-10s\n", rows[i].unit);
    }
    kobject_put(&p->obj);
    return 0;
}

/* --- the tables --- */

struct least { int from, found; };

static bool note_tid(struct uthread *ut, void *ctx)
{
    struct least *l = ctx;
    if (ut->tid >= l->from && (l->found < 0 || ut->tid < l->found))
        l->found = ut->tid;
    return true;
}

static int next_tid(const struct proc_key *dir, int from)
{
    struct least l = { from, -1 };
    struct process *p = process_find(dir->id[PROC_PID]);
    if (!p)
        return -1;
    process_for_each_thread(p, note_tid, &l);
    kobject_put(&p->obj);
    return l.found;
}

#define FILE_ROW(n, m, fn) { .name = n, .mode = MODE_REG | (m), .generate = fn }
#define LINK_ROW(n, what) { .name = n, .mode = MODE_LNK | 0777, .readlink = proc_##what##_readlink, .follow = proc_##what##_follow }

static const struct proc_entry fd_entry = { .name = "fd", .mode = MODE_LNK | 0700, .readlink = proc_fd_readlink,
                                            .follow = proc_fd_follow };
static const struct proc_dir fd_dir = { .member = &fd_entry, .member_id = PROC_FD, .next = proc_fd_next };

static const struct proc_entry fdinfo_entry = { .name = "fdinfo", .mode = MODE_REG | 0400, .generate = proc_fdinfo };
static const struct proc_dir fdinfo_dir = { .member = &fdinfo_entry, .member_id = PROC_FD, .next = proc_fd_next };

/* What a thread and a process have in common comes first; "task" is the process's alone. */
#define THREAD_ROWS 28
static const struct proc_entry rows[] = {
    FILE_ROW("auxv", 0400, make_auxv), FILE_ROW("cgroup", 0444, make_cgroup), FILE_ROW("children", 0444, make_children),
    FILE_ROW("cmdline", 0444, make_cmdline), { .name = "comm", .mode = MODE_REG | 0644, .generate = make_comm,
                                               .write = proc_comm_write }, LINK_ROW("cwd", cwd),
    FILE_ROW("environ", 0400, make_environ), LINK_ROW("exe", exe),
    { .name = "fd", .mode = MODE_DIR | 0500, .dir = &fd_dir },
    { .name = "fdinfo", .mode = MODE_DIR | 0500, .dir = &fdinfo_dir },
    FILE_ROW("io", 0400, proc_io), FILE_ROW("limits", 0444, make_limits), FILE_ROW("maps", 0400, proc_maps),
    { .name = "mem", .mode = MODE_REG | 0600, .open = proc_mem_open }, FILE_ROW("mountinfo", 0444, proc_mountinfo),
    FILE_ROW("mounts", 0444, proc_mounts), FILE_ROW("mountstats", 0400, proc_mountstats),
    { .name = "net", .mode = MODE_DIR | 0555, .dir = &proc_net_dir },
    FILE_ROW("oom_score", 0444, proc_oom_score),
    { .name = "oom_score_adj", .mode = MODE_REG | 0644, .generate = proc_oom_adj, .write = proc_oom_adj_write },
    FILE_ROW("personality", 0400, make_personality),
    LINK_ROW("root", root), FILE_ROW("smaps", 0444, proc_smaps), FILE_ROW("smaps_rollup", 0444, proc_smaps_rollup),
    FILE_ROW("stat", 0444, proc_pid_stat), FILE_ROW("statm", 0444, proc_pid_statm),
    FILE_ROW("status", 0444, proc_pid_status), FILE_ROW("wchan", 0444, make_wchan),
    { .name = "task", .mode = MODE_DIR | 0555, .dir = &(const struct proc_dir){
        .member = &(const struct proc_entry){ .name = "task", .mode = MODE_DIR | 0555,
            .dir = &(const struct proc_dir){ .rows = rows, .nrows = THREAD_ROWS } },
        .member_id = PROC_TID, .next = next_tid } },
};
_Static_assert(ARRAY_SIZE(rows) == THREAD_ROWS + 1, "a thread's rows are all but the last");

const struct proc_dir proc_pid_dir = { .rows = rows, .nrows = ARRAY_SIZE(rows) };
const struct proc_entry proc_pid_entry = { .name = "pid", .mode = MODE_DIR | 0555, .dir = &proc_pid_dir };
