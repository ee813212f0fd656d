/* What /proc shows of a process or a thread, taken in one moment. Private to linux/. */
#pragma once
#include "linux/procfs.h"

struct snapshot {
    int pid, tid, ppid, pgrp, session, tpgid, tracer, exit_signal, exit_status;
    struct tty *tty; /* counted until proc_snapshot returns */
    u64 tty_number;  /* 0: none */
    unsigned nthreads, cpu, policy, rt_prio;
    int nice, prio;
    char state, name[16];
    bool live_aspace, no_new_privs, dumpable;
    u64 user_ns, sys_ns, cuser_ns, csys_ns, start_ns;
    u64 faults, cfaults, slept, preempted, allowed_cpus;
    u32 uid[4], gid[4], groups[LX_NGROUPS];
    struct lx_caps caps;
    unsigned ngroups, personality, umask, fd_slots;
    u64 sig_thread, sig_shared, sig_blocked, sig_ignored, sig_caught, sig_queued, sig_limit;
    vaddr_t arg_start, arg_end, env_start, env_end;
    vaddr_t code_start, code_end, stack_start; /* only for who may trace it */
    u64 auxv[48];
    unsigned auxv_n;
    struct aspace_stats mem;
};

/* The letter for it (proc(5), stat): R runs or is ready, S sleeps, D sleeps whatever comes, t is traced and stands, X
 * is no more. With the process's thread lock. */
char lx_thread_state(const struct uthread *ut);
/* By PROC_PID, and PROC_TID if that is not 0. -ESRCH. */
int proc_snapshot(struct snapshot *s, const struct proc_key *k) MUST_CHECK;
/* The process's address space with a reference: -ESRCH; NULL for a zombie. secret: only for who may
 * look into it (-EACCES); a command line is for everybody. */
int proc_aspace(const struct proc_key *k, bool secret, struct aspace **out) MUST_CHECK;

/* Files of /proc/PID (procfs_status.c). */
int proc_pid_stat(struct proc_text *t, const struct proc_key *k);
int proc_pid_status(struct proc_text *t, const struct proc_key *k);
int proc_pid_statm(struct proc_text *t, const struct proc_key *k);

#define PROC_HZ 100u /* ticks as programs count them: sysconf(_SC_CLK_TCK) */
typedef unsigned long long ull; /* for %llu */
static inline ull proc_ticks(u64 ns) { return ns / (NSEC_PER_SEC / PROC_HZ); }
