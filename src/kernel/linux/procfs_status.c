/* /proc/PID/stat, status and statm: numbers of a process, for programs and for people. Lines that
 * this kernel could only invent are left out of status; in stat, whose fields have places, they are 0. */
#include "linux/procfs_snapshot.h"

static ull kib(u64 pages) { return pages * (PAGE_SIZE / 1024); }

/* proc_pid_stat(5): 52 fields. */
int proc_pid_stat(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = proc_snapshot(&s, k);
    if (r < 0)
        return r;
    proc_printf(t, "%d (%s) %c %d %d %d %d %d ", s.tid, s.name, s.state, s.ppid, s.pgrp, s.session, (int)s.tty_number,
                s.tpgid);
    proc_printf(t, "0 %llu %llu 0 0 ", (ull)s.faults, (ull)s.cfaults);
    proc_printf(t, "%llu %llu %llu %llu ", proc_ticks(s.user_ns), proc_ticks(s.sys_ns), proc_ticks(s.cuser_ns),
                proc_ticks(s.csys_ns));
    proc_printf(t, "%d %d %u 0 %llu ", s.prio, s.nice, s.nthreads, proc_ticks(s.start_ns));
    proc_printf(t, "%llu %llu %llu ", (ull)s.mem.mapped_bytes, (ull)s.mem.resident_pages, (ull)UINT64_MAX);
    proc_printf(t, "%llu %llu %llu 0 0 ", (ull)s.code_start, (ull)s.code_end, (ull)s.stack_start);
    proc_printf(t, "%llu %llu %llu %llu ", (ull)(s.sig_thread & INT32_MAX), (ull)(s.sig_blocked & INT32_MAX),
                (ull)(s.sig_ignored & INT32_MAX), (ull)(s.sig_caught & INT32_MAX));
    proc_printf(t, "0 0 0 %d %u %u %u 0 0 0 ", s.exit_signal, s.cpu, s.rt_prio, s.policy);
    proc_printf(t, "0 0 0 %llu %llu %llu %llu %d\n", (ull)s.arg_start, (ull)s.arg_end, (ull)s.env_start,
                (ull)s.env_end, s.exit_status);
    return 0;
}

static const char *state_name(char state)
{
    switch (state) {
    case 'R': return "R (running)";
    case 'S': return "S (sleeping)";
    case 'D': return "D (disk sleep)";
    case 'T': return "T (stopped)";
    case 't': return "t (tracing stop)";
    case 'Z': return "Z (zombie)";
    default: return "X (dead)";
    }
}

static void put_identity(struct proc_text *t, const struct snapshot *s)
{
    proc_printf(t, "Name:\t%s\nUmask:\t%04o\nState:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t%d\n",
                s->name, s->umask, state_name(s->state), s->pid, s->tid, s->ppid, s->tracer);
    proc_printf(t, "Uid:\t%u\t%u\t%u\t%u\n", s->uid[0], s->uid[1], s->uid[2], s->uid[3]);
    proc_printf(t, "Gid:\t%u\t%u\t%u\t%u\nFDSize:\t%u\nGroups:\t", s->gid[0], s->gid[1], s->gid[2], s->gid[3],
                s->fd_slots);
    for (unsigned i = 0; i < s->ngroups; i++)
        proc_printf(t, "%u ", s->groups[i]);
    proc_printf(t, "\nNStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n", s->pid, s->tid, s->pgrp, s->session);
}

static void put_memory(struct proc_text *t, const struct snapshot *s)
{
    proc_printf(t, "VmPeak:\t%8llu kB\n", (ull)s->mem.peak_bytes / 1024);
    proc_printf(t, "VmSize:\t%8llu kB\nVmLck:\t%8llu kB\n", (ull)s->mem.mapped_bytes / 1024,
                (ull)s->mem.locked_bytes / 1024);
    proc_printf(t, "VmHWM:\t%8llu kB\nVmRSS:\t%8llu kB\n", kib(s->mem.peak_pages), kib(s->mem.resident_pages));
    proc_printf(t, "VmData:\t%8llu kB\nVmStk:\t%8llu kB\nVmSwap:\t%8u kB\n", (ull)s->mem.data_bytes / 1024,
                (ull)s->mem.stack_bytes / 1024, 0u);
}

static void put_signals(struct proc_text *t, const struct snapshot *s)
{
    proc_printf(t, "SigQ:\t%llu/%llu\nSigPnd:\t%016llx\nShdPnd:\t%016llx\n", (ull)s->sig_queued, (ull)s->sig_limit,
                (ull)s->sig_thread, (ull)s->sig_shared);
    proc_printf(t, "SigBlk:\t%016llx\nSigIgn:\t%016llx\nSigCgt:\t%016llx\n", (ull)s->sig_blocked, (ull)s->sig_ignored,
                (ull)s->sig_caught);
}

static void put_rights(struct proc_text *t, const struct snapshot *s)
{
    proc_printf(t, "CapInh:\t%016llx\nCapPrm:\t%016llx\nCapEff:\t%016llx\nCapBnd:\t%016llx\nCapAmb:\t%016llx\n",
                (ull)s->caps.inheritable,
                (ull)s->caps.permitted, (ull)s->caps.effective, (ull)s->caps.bounding, (ull)s->caps.ambient);
    proc_printf(t, "NoNewPrivs:\t%d\nSeccomp:\t0\n", s->no_new_privs);
}

/* 0x5 as "0,2", 0xf as "0-3". */
static void put_list(struct proc_text *t, u64 set)
{
    const char *separator = "";
    for (unsigned i = 0; i < 64; i++) {
        if (!(set >> i & 1))
            continue;
        unsigned last = i;
        while (last < 63 && (set >> (last + 1) & 1))
            last++;
        proc_printf(t, last > i ? "%s%u-%u" : "%s%u", separator, i, last);
        separator = ",";
        i = last;
    }
}

static void put_running(struct proc_text *t, const struct snapshot *s)
{
    proc_printf(t, "Cpus_allowed:\t%llx\nCpus_allowed_list:\t", (ull)s->allowed_cpus);
    put_list(t, s->allowed_cpus);
    proc_printf(t, "\nMems_allowed:\t1\nMems_allowed_list:\t0\n");
    proc_printf(t, "voluntary_ctxt_switches:\t%llu\nnonvoluntary_ctxt_switches:\t%llu\n", (ull)s->slept,
                (ull)s->preempted);
}

int proc_pid_status(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = proc_snapshot(&s, k);
    if (r < 0)
        return r;
    put_identity(t, &s);
    if (s.live_aspace)
        put_memory(t, &s);
    proc_printf(t, "Threads:\t%u\n", s.nthreads);
    put_signals(t, &s);
    put_rights(t, &s);
    put_running(t, &s);
    return 0;
}

/* Size, resident and data pages are counted; shared ones and text are not told apart. */
int proc_pid_statm(struct proc_text *t, const struct proc_key *k)
{
    struct snapshot s;
    int r = proc_snapshot(&s, k);
    if (r == 0)
        proc_printf(t, "%llu %llu 0 0 0 %llu 0\n", (ull)(s.mem.mapped_bytes / PAGE_SIZE), (ull)s.mem.resident_pages,
                    (ull)(s.mem.data_bytes / PAGE_SIZE));
    return r;
}
