/* /proc/lock_graph of LOCK_DEBUG kernels: which locks there are and which was taken under which. */
#include "arch/lock_check.h"
#include "linux/procfs.h"

static void print_line(void *text, const char *line) { proc_printf(text, "%s\n", line); }

int proc_lock_graph(struct proc_text *t, const struct proc_key *k)
{
    lock_graph_print(print_line, t);
    return 0;
}
