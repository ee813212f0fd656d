/* /proc/PID/smaps and smaps_rollup (proc_pid_smaps(5)): what of each mapping is in memory, and whose it is.
 *
 * A mapping that has gone since the list was made counts as empty. There is no swap, no large page of a
 * program's, no page that a scan made one of two: those lines are 0 because nothing is. */
#include "linux/procfs_maps.h"

static ull kib_of(u64 pages) { return pages * (PAGE_SIZE / 1024); }
static ull kib_part(u64 bytes) { return bytes >> USAGE_SHIFT >> 10; }

static void append_kib(struct proc_text *t, const char *name, ull kib)
{
    proc_printf(t, "%-15s %8llu kB\n", name, kib);
}

static void append_none(struct proc_text *t, const char *const *names, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        append_kib(t, names[i], 0);
}

static void append_usage(struct proc_text *t, const struct aspace_usage *u)
{
    static const char *const none[] = { "LazyFree:", "AnonHugePages:", "ShmemPmdMapped:", "FilePmdMapped:", "Shared_Hugetlb:",
                                        "Private_Hugetlb:", "Swap:", "SwapPss:" };
    append_kib(t, "Shared_Clean:", kib_of(u->pages[1][0]));
    append_kib(t, "Shared_Dirty:", kib_of(u->pages[1][1]));
    append_kib(t, "Private_Clean:", kib_of(u->pages[0][0]));
    append_kib(t, "Private_Dirty:", kib_of(u->pages[0][1]));
    append_kib(t, "Referenced:", kib_of(u->referenced));
    append_kib(t, "Anonymous:", kib_of(u->anonymous));
    append_none(t, none, ARRAY_SIZE(none));
    append_kib(t, "Locked:", kib_part(u->locked));
}

static void append_sizes(struct proc_text *t, const struct aspace_usage *u)
{
    append_kib(t, "Rss:", kib_of(u->resident));
    append_kib(t, "Pss:", kib_part(u->proportional));
    append_kib(t, "Pss_Dirty:", kib_part(u->proportional_dirty));
}

static void append_flags(struct proc_text *t, const struct mapping_info *m)
{
    const struct { bool on; const char *name; } flags[] = {
        { m->prot & VM_READ, "rd" }, { m->prot & VM_WRITE, "wr" }, { m->prot & VM_EXEC, "ex" }, { m->flags & VM_SHARED, "sh" },
        { m->may & VM_READ, "mr" }, { m->may & VM_WRITE, "mw" }, { m->may & VM_EXEC, "me" },
        { (m->flags & VM_SHARED) && (m->may & VM_WRITE), "ms" }, { m->is_stack, "gd" }, { m->is_device, "pf" },
        { m->flags & VM_LOCKED, "lo" }, { m->flags & VM_DONTFORK, "dc" }, { m->is_device, "io" },
        { m->flags & VM_WIPEONFORK, "wf" },
    };
    proc_printf(t, "VmFlags: ");
    for (unsigned i = 0; i < ARRAY_SIZE(flags); i++)
        if (flags[i].on)
            proc_printf(t, "%s ", flags[i].name);
    proc_printf(t, "\n");
}

static void append_mapping(struct proc_text *t, struct aspace *as, const struct mapping_info *m)
{
    struct aspace_usage u;
    aspace_usage(as, m->start, m->end, &u);
    append_kib(t, "Size:", (m->end - m->start) >> 10);
    append_kib(t, "KernelPageSize:", PAGE_SIZE >> 10);
    append_kib(t, "MMUPageSize:", PAGE_SIZE >> 10);
    append_sizes(t, &u);
    append_usage(t, &u);
    proc_printf(t, "THPeligible:    0\n");
    append_flags(t, m);
}

int proc_smaps(struct proc_text *t, const struct proc_key *k) { return proc_maps_with(t, k, append_mapping); }

static void note_bounds(const struct mapping_info *m, void *ctx)
{
    vaddr_t *bounds = ctx;
    if (!bounds[1])
        bounds[0] = m->start;
    bounds[1] = m->end;
}

int proc_smaps_rollup(struct proc_text *t, const struct proc_key *k)
{
    vaddr_t bounds[2] = { 0, 0 };
    struct aspace_usage u;
    struct aspace *as;
    int r = proc_aspace(k, true, &as);
    if (r < 0 || !as)
        return r < 0 ? r : -ESRCH;
    aspace_for_each(as, note_bounds, bounds);
    aspace_usage(as, 0, USER_TOP, &u);
    aspace_put(as);
    proc_printf(t, "%08llx-%08llx ---p 00000000 00:00 0                          [rollup]\n", (ull)bounds[0],
                (ull)bounds[1]);
    append_sizes(t, &u);
    append_usage(t, &u);
    return 0;
}
