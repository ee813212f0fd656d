/* What programs may set in /proc/PID: a thread's name, and how gladly the process dies when memory ends. */
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/format.h"
#include "linux/oom.h"
#include "linux/procfs.h"

/* Only from inside of the process, as on Linux; another one's thread is -EINVAL. A line's end is part of
 * the name, as there. */
int proc_comm_write(const struct proc_key *k, const char *text)
{
    int tid = k->id[PROC_TID] ? k->id[PROC_TID] : k->id[PROC_PID];
    char name[16];
    size_t n = 0;
    if (k->id[PROC_PID] != process_current()->pid)
        return -EINVAL;
    for (; n < sizeof name - 1 && text[n]; n++)
        name[n] = text[n];
    name[n] = 0;
    return lx_name_set(process_current(), tid, name);
}

int proc_oom_adj(struct proc_text *t, const struct proc_key *k)
{
    struct process *p = process_find(k->id[PROC_PID]);
    if (!p)
        return -ESRCH;
    proc_printf(t, "%d\n", p->lx ? lx_oom_adj(p->lx) : 0);
    kobject_put(&p->obj);
    return 0;
}

static bool parse_adj(const char *text, int *out)
{
    const char *end;
    bool negative = *text == '-';
    if (negative)
        text++;
    u64 n = parse_u64(text, &end, false);
    if (end == text || (*end && *end != '\n') || n > LX_OOM_ADJ_MAX)
        return false;
    *out = negative ? -(int)n : (int)n;
    return true;
}

int proc_oom_adj_write(const struct proc_key *k, const char *text)
{
    struct process *p;
    int adj;
    if (!parse_adj(text, &adj))
        return -EINVAL;
    p = process_find(k->id[PROC_PID]);
    if (!p)
        return -ESRCH;
    int r = p->lx ? lx_oom_adj_set(p->lx, adj) : -ESRCH;
    kobject_put(&p->obj);
    return r;
}

/* In thousandths of memory, with what was set: the process with the highest one dies first. */
int proc_oom_score(struct proc_text *t, const struct proc_key *k)
{
    mutex_lock(&process_tree_lock);
    struct process *p = process_find_locked(k->id[PROC_PID]);
    unsigned score = p ? lx_oom_score_locked(p) : 0;
    mutex_unlock(&process_tree_lock);
    if (!p)
        return -ESRCH;
    proc_printf(t, "%u\n", score);
    return 0;
}
