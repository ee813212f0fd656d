/* What is asked of clone, whichever call asked: clone.c reads and judges, fork.c does it. */
#pragma once
#include "lib/types.h"

#define CSIGNAL 0xffull
#define CLONE_VM 0x100ull
#define CLONE_FS 0x200ull
#define CLONE_FILES 0x400ull
#define CLONE_SIGHAND 0x800ull
#define CLONE_PIDFD 0x1000ull
#define CLONE_PTRACE 0x2000ull          /* nobody traces: nothing to inherit */
#define CLONE_VFORK 0x4000ull
#define CLONE_PARENT 0x8000ull
#define CLONE_THREAD 0x10000ull
#define CLONE_SYSVSEM 0x40000ull        /* what it owes to System V semaphores */
#define CLONE_SETTLS 0x80000ull
#define CLONE_PARENT_SETTID 0x100000ull
#define CLONE_CHILD_CLEARTID 0x200000ull
#define CLONE_DETACHED 0x400000ull      /* ignored by Linux since 2.6.2 */
#define CLONE_UNTRACED 0x800000ull
#define CLONE_CHILD_SETTID 0x1000000ull
#define CLONE_IO 0x80000000ull          /* no I/O scheduling contexts: nothing to share */
#define CLONE_CLEAR_SIGHAND 0x100000000ull /* clone3 only */

struct clone {
    u64 flags; /* without CSIGNAL */
    u64 pidfd, child_tid, parent_tid, stack, tls; /* addresses; stack 0: the caller's */
    int exit_signal; /* 0: a silent end */
    int number;      /* wished for; 0: any */
};

/* The child's number, or -errno. The flags go together. The caller's frame is complete. */
long lx_clone(const struct clone *c) MUST_CHECK;
