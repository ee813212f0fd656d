/* /proc/PID: one process, or with task/TID one thread of it.
 *
 * A snapshot is taken under process_tree_lock (and, for threads, the process's thread lock), then
 * written out with no lock held. What was asked for and has gone is -ESRCH. */
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/procfs.h"
#include "mm/slab.h"
#include "sched/clock.h"

#define USER_HZ 100u
typedef unsigned long long ull;

struct snapshot {
    int pid, tid, ppid, pgrp, session, tpgid, exit_signal, exit_status;
    struct tty *tty; /* terminals are never freed */
    unsigned nthreads, cpu;
    int nice;
    char state, name[16];
    u64 user_ns, sys_ns, cuser_ns, csys_ns, start_ns;
    u32 uid[4], gid[4], groups[LX_NGROUPS];
    unsigned ngroups;
    vaddr_t arg_start, arg_end, env_start, env_end;
    struct aspace_stats mem;
};

struct thread_look { struct snapshot *s; int tid; bool any; };

static int rank(char state) { return state == 'R' ? 3 : state == 'D' ? 2 : state == 'S' ? 1 : 0; }

static char thread_state(const struct thread *t)
{
    if (t->state == THREAD_BLOCKED)
        return t->interruptible ? 'S' : 'D';
    return t->state == THREAD_DEAD ? 'X' : 'R';
}

/* A process is as lively as its liveliest thread. Called with the thread lock held. */
static bool look_at_thread(struct uthread *ut, void *ctx)
{
    struct thread_look *l = ctx;
    struct thread *t = ut->thread;
    if (l->tid && ut->tid != l->tid)
        return true;
    char state = thread_state(t);
    if (!l->any || rank(state) > rank(l->s->state))
        l->s->state = state;
    if (l->tid) {
        l->s->user_ns = t->user_ns;
        l->s->sys_ns = t->cpu_ns > t->user_ns ? t->cpu_ns - t->user_ns : 0;
    }
    l->s->cpu = t->cpu;
    l->s->nice = t->nice;
    l->any = true;
    return true;
}

static void take_lx(struct snapshot *s, const struct lx_process *lx)
{
    const u32 uid[4] = { lx->uid, lx->euid, lx->suid, lx->fsuid }, gid[4] = { lx->gid, lx->egid, lx->sgid, lx->fsgid };
    memcpy(s->uid, uid, sizeof(uid));
    memcpy(s->gid, gid, sizeof(gid));
    s->ngroups = MIN(lx->ngroups, (unsigned)LX_NGROUPS);
    memcpy(s->groups, lx->groups, s->ngroups * sizeof(u32));
    s->arg_start = lx->arg_start;
    s->arg_end = lx->arg_end;
    s->env_start = lx->env_start;
    s->env_end = lx->env_end;
    s->exit_signal = lx->exit_signal;
    s->tty = lx->ctty;
    if (lx->stopped && s->state != 'Z')
        s->state = 'T';
}

/* Tree lock held. False: the thread is not there. */
static bool take_locked(struct snapshot *s, struct process *p, int tid)
{
    struct thread_look look = { s, tid, false };
    *s = (struct snapshot){
        .pid = p->pid, .tid = tid ? tid : p->pid, .ppid = p->parent ? p->parent->pid : 0, .pgrp = p->pgrp,
        .session = p->session, .exit_status = p->exit_status, .nthreads = p->nthreads, .start_ns = p->start_ns,
        .cuser_ns = p->children_user_ns, .csys_ns = p->children_sys_ns, .tpgid = -1,
    };
    memcpy(s->name, p->name, sizeof(s->name));
    s->name[sizeof(s->name) - 1] = '\0';
    process_times(p, &s->user_ns, &s->sys_ns);
    process_for_each_thread(p, look_at_thread, &look);
    if (tid && !look.any)
        return false;
    if (!look.any || p->state == PROCESS_ZOMBIE)
        s->state = 'Z';
    if (p->lx)
        take_lx(s, p->lx);
    return true;
}

static int take(struct snapshot *s, const struct proc_key *k)
{
    struct process *p = process_find(k->id[PROC_PID]);
    if (!p)
        return -ESRCH;
    mutex_lock(&process_tree_lock);
    bool found = p->state != PROCESS_REAPED && take_locked(s, p, k->id[PROC_TID]);
    mutex_unlock(&process_tree_lock);
    struct aspace *as = found ? process_aspace_get(p) : NULL;
    kobject_put(&p->obj);
    if (found && s->tty)
        s->tpgid = tty_get_pgrp(s->tty); /* a terminal's lock comes before the tree's */
    if (as) {
        s->mem = aspace_stats(as);
        aspace_put(as);
    }
    return found ? 0 : -ESRCH;
}

static ull ticks(u64 ns) { return ns / (NSEC_PER_SEC / USER_HZ); }

/* proc_pid_stat(5): 52 fields. Zero where this kernel counts nothing. */
static int make_stat(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = take(&s, k);
    if (r < 0)
        return r;
    proc_printf(t, "%d (%s) %c %d %d %d %d %d ", s.tid, s.name, s.state, s.ppid, s.pgrp, s.session, s.tty ? (int)makedev(5, 1) : 0, s.tpgid);
    proc_printf(t, "0 0 0 0 0 %llu %llu %llu %llu ", ticks(s.user_ns), ticks(s.sys_ns), ticks(s.cuser_ns), ticks(s.csys_ns));
    proc_printf(t, "%d %d %u 0 %llu ", 20 + s.nice, s.nice, s.nthreads, ticks(s.start_ns));
    proc_printf(t, "%llu %llu %llu ", (ull)s.mem.mapped_bytes, (ull)s.mem.resident_pages, (ull)UINT64_MAX);
    proc_printf(t, "0 0 0 0 0 0 0 0 0 0 0 0 %d %u 0 0 0 0 0 ", s.exit_signal, s.cpu);
    proc_printf(t, "0 0 0 %llu %llu %llu %llu %d\n", (ull)s.arg_start, (ull)s.arg_end, (ull)s.env_start, (ull)s.env_end, s.exit_status);
    return 0;
}

static const char *state_name(char state)
{
    switch (state) {
    case 'R': return "R (running)";
    case 'S': return "S (sleeping)";
    case 'D': return "D (disk sleep)";
    case 'T': return "T (stopped)";
    case 'Z': return "Z (zombie)";
    default: return "X (dead)";
    }
}

static int make_status(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = take(&s, k);
    if (r < 0)
        return r;
    proc_printf(t, "Name:\t%s\nState:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", s.name, state_name(s.state), s.pid, s.tid, s.ppid);
    proc_printf(t, "Uid:\t%u\t%u\t%u\t%u\n", s.uid[0], s.uid[1], s.uid[2], s.uid[3]);
    proc_printf(t, "Gid:\t%u\t%u\t%u\t%u\nGroups:\t", s.gid[0], s.gid[1], s.gid[2], s.gid[3]);
    for (unsigned i = 0; i < s.ngroups; i++)
        proc_printf(t, "%u ", s.groups[i]);
    proc_printf(t, "\n");
    if (s.state != 'Z') {
        proc_printf(t, "VmSize:\t%8llu kB\n", (ull)s.mem.mapped_bytes / 1024);
        proc_printf(t, "VmLck:\t%8llu kB\n", (ull)s.mem.locked_bytes / 1024);
        proc_printf(t, "VmRSS:\t%8llu kB\n", (ull)s.mem.resident_pages * (PAGE_SIZE / 1024));
    }
    proc_printf(t, "Threads:\t%u\n", s.nthreads);
    return 0;
}

/* Size and resident pages are counted; shared, text and data are not told apart. */
static int make_statm(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = take(&s, k);
    if (r == 0)
        proc_printf(t, "%llu %llu 0 0 0 0 0\n", (ull)(s.mem.mapped_bytes / PAGE_SIZE), (ull)s.mem.resident_pages);
    return r;
}

static int make_comm(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = take(&s, k);
    if (r == 0)
        proc_printf(t, "%s\n", s.name);
    return r;
}

/* The process's address space with a reference: -ESRCH; NULL for a zombie. */
static int aspace_of(const struct proc_key *k, struct aspace **out)
{
    struct process *p = process_find(k->id[PROC_PID]);
    if (!p)
        return -ESRCH;
    *out = process_aspace_get(p);
    kobject_put(&p->obj);
    return 0;
}

/* Copies the program's memory page by page; what was unmapped meanwhile ends the text. */
static int append_memory(struct proc_text *t, const struct proc_key *k, vaddr_t from, vaddr_t to)
{
    struct aspace *as;
    char *page = kmalloc(PAGE_SIZE);
    if (!page)
        return -ENOMEM;
    int r = aspace_of(k, &as);
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

static int make_cmdline(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = take(&s, k);
    return r < 0 ? r : append_memory(t, k, s.arg_start, s.arg_end);
}

static int make_environ(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = take(&s, k);
    return r < 0 ? r : append_memory(t, k, s.env_start, s.env_end);
}

/* Device, inode and path are unknown to a mapping: shown as 0 and left out. */
static void append_mapping(const struct mapping_info *m, void *ctx)
{
    proc_printf(ctx, "%08llx-%08llx %c%c%c%c %08llx 00:00 0%s\n", (ull)m->start, (ull)m->end,
                m->prot & VM_READ ? 'r' : '-', m->prot & VM_WRITE ? 'w' : '-', m->prot & VM_EXEC ? 'x' : '-',
                m->flags & VM_SHARED ? 's' : 'p', (ull)m->offset,
                m->is_stack ? "                          [stack]" : m->is_brk ? "                          [heap]" : "");
}

static int make_maps(struct proc_text *t, const struct proc_key *k)
{
    struct aspace *as;
    int r = aspace_of(k, &as);
    if (r < 0 || !as)
        return r;
    aspace_for_each(as, append_mapping, t);
    aspace_put(as);
    return 0;
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
    for (int i = 0; p->lx && i < LX_RLIMITS; i++) {
        proc_printf(t, "%-25s ", rows[i].name);
        append_limit(t, p->lx->rlimit[i].cur);
        append_limit(t, p->lx->rlimit[i].max);
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

static const struct proc_entry fd_entry = { .name = "fd", .mode = MODE_LNK | 0700, .readlink = proc_fd_readlink, .follow = proc_fd_follow };
static const struct proc_dir fd_dir = { .member = &fd_entry, .member_id = PROC_FD, .next = proc_fd_next };

/* What a thread and a process have in common comes first; "task" is the process's alone. */
static const struct proc_entry rows[] = {
    FILE_ROW("cmdline", 0444, make_cmdline), FILE_ROW("comm", 0444, make_comm), LINK_ROW("cwd", cwd),
    FILE_ROW("environ", 0400, make_environ), LINK_ROW("exe", exe),
    { .name = "fd", .mode = MODE_DIR | 0500, .dir = &fd_dir },
    FILE_ROW("limits", 0444, make_limits), FILE_ROW("maps", 0400, make_maps), FILE_ROW("mounts", 0444, proc_mounts),
    LINK_ROW("root", root), FILE_ROW("stat", 0444, make_stat), FILE_ROW("statm", 0444, make_statm),
    FILE_ROW("status", 0444, make_status),
    { .name = "task", .mode = MODE_DIR | 0555, .dir = &(const struct proc_dir){
        .member = &(const struct proc_entry){ .name = "task", .mode = MODE_DIR | 0555,
            .dir = &(const struct proc_dir){ .rows = rows, .nrows = 13 } },
        .member_id = PROC_TID, .next = next_tid } },
};
_Static_assert(ARRAY_SIZE(rows) == 14, "a thread's rows are all but the last");

const struct proc_dir proc_pid_dir = { .rows = rows, .nrows = ARRAY_SIZE(rows) };
const struct proc_entry proc_pid_entry = { .name = "pid", .mode = MODE_DIR | 0555, .dir = &proc_pid_dir };
