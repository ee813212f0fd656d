/* nproc: how many processors a program may use. */
#include "../lib/util.h"

#include <sched.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    cpu_set_t set;
    (void)argc;
    tool_init(argv, "usage: nproc\nShow how many processors this process may run on.\n");
    if (sched_getaffinity(0, sizeof set, &set) < 0)
        die("affinity");
    printf("%d\n", CPU_COUNT(&set));
    return flush_output();
}
