/* /proc and /sys inside: tables of files and how their text comes about. Private to linux/.
 *
 * Every file, link and directory is one row of a table. A directory may also have members that are
 * numbered (processes, threads, descriptors, CPUs, devices): all of them are one row, told apart by key. */
#pragma once
#include "linux/lx.h"

/* Text that grows; an allocation failure is remembered and ends the growing. */
struct proc_text { char *buf; size_t len, size; int error; };
PRINTF_LIKE(2, 3) void proc_printf(struct proc_text *t, const char *fmt, ...);
void proc_append(struct proc_text *t, const void *bytes, size_t n);
void proc_text_fini(struct proc_text *t);

enum proc_id { PROC_PID, PROC_TID, PROC_FD, SYS_CPU, SYS_DEVICE, SYS_NET, PROC_IDS };
struct proc_key { int id[PROC_IDS]; }; /* tid 0: the process as a whole */

struct proc_dir;
struct proc_entry {
    const char *name;
    u32 mode;                                                      /* with the type */
    int (*generate)(struct proc_text *t, const struct proc_key *k); /* files; -ESRCH */
    const char *text;                                              /* files that always say the same, instead */
    int (*write)(const struct proc_key *k, const char *text);      /* files that take something; or NULL */
    int (*open)(const struct proc_key *k, struct file *f);         /* files that are no text: sets ops and ctx */
    int (*readlink)(const struct proc_key *k, char *buf, size_t size); /* links: length */
    int (*follow)(const struct proc_key *k, struct vnode **out);    /* links that need no name */
    const struct proc_dir *dir;                                    /* directories */
};
/* What members are called whose names are not simply their numbers. */
struct proc_names {
    int (*find)(const char *name, size_t len);               /* the number, or -1; next has the last word */
    int (*show)(int number, char *buf, size_t size);         /* as format() */
};
struct proc_dir {
    const struct proc_entry *rows;
    unsigned nrows;
    const struct proc_entry *member;                          /* numbered members, or NULL */
    enum proc_id member_id;
    int (*next)(const struct proc_key *dir, int from);        /* least number >= from, or -1 */
    const struct proc_names *names;                           /* NULL: decimal numbers */
    bool (*hidden)(int number, struct proc_key *k);           /* NULL; a member that is found but not listed: its key */
};
extern const struct proc_dir proc_root_dir, proc_pid_dir; /* procfs_sys.c, procfs_pid.c */
extern const struct proc_dir sys_root_dir, sys_cpu_dir; /* sysfs.c, sysfs_cpu.c */
extern const struct proc_entry proc_pid_entry;

/* Links (procfs_link.c). */
int proc_self_readlink(const struct proc_key *k, char *buf, size_t size);
int proc_thread_self_readlink(const struct proc_key *k, char *buf, size_t size);
int proc_exe_readlink(const struct proc_key *k, char *buf, size_t size);
int proc_exe_follow(const struct proc_key *k, struct vnode **out);
int proc_cwd_readlink(const struct proc_key *k, char *buf, size_t size);
int proc_cwd_follow(const struct proc_key *k, struct vnode **out);
int proc_root_readlink(const struct proc_key *k, char *buf, size_t size);
int proc_root_follow(const struct proc_key *k, struct vnode **out);
int proc_fd_readlink(const struct proc_key *k, char *buf, size_t size);
int proc_fd_follow(const struct proc_key *k, struct vnode **out);
int proc_fd_next(const struct proc_key *dir, int from);
/* What the descriptor names, with a reference: -ENOENT, -EACCES. flags (of the handle) may be NULL. */
int proc_fd_object(const struct proc_key *k, struct kobject **out, unsigned *flags) MUST_CHECK;
int proc_fdinfo(struct proc_text *t, const struct proc_key *k);

/* Length of what format wrote without the terminator, or -ENAMETOOLONG. */
int proc_fitted(int len, size_t size) MUST_CHECK;
/* How the calling process would name v, " (deleted)" behind it if that name is no more: length without
 * terminator. -ENOENT: it has none. */
int proc_vnode_name(struct vnode *v, char *buf, size_t size) MUST_CHECK;

/* Generators shared between tables. */
int proc_locks(struct proc_text *t, const struct proc_key *k);
int proc_maps(struct proc_text *t, const struct proc_key *k); /* procfs_maps.c */
int proc_mem_open(const struct proc_key *k, struct file *f); /* procfs_mem.c */
int proc_smaps(struct proc_text *t, const struct proc_key *k); /* procfs_smaps.c, and the next */
int proc_smaps_rollup(struct proc_text *t, const struct proc_key *k);
int proc_io(struct proc_text *t, const struct proc_key *k); /* procfs_io.c */
int proc_compat(struct proc_text *t, const struct proc_key *k); /* missing.c */
int proc_lock_graph(struct proc_text *t, const struct proc_key *k); /* LOCK_DEBUG kernels only */
int proc_cpuinfo(struct proc_text *t, const struct proc_key *k); /* procfs_cpuinfo.c */
int proc_stat(struct proc_text *t, const struct proc_key *k); /* procfs_stat.c, and the next two */
int proc_loadavg(struct proc_text *t, const struct proc_key *k);
int proc_interrupts(struct proc_text *t, const struct proc_key *k);
int proc_mounts(struct proc_text *t, const struct proc_key *k);
int proc_mountinfo(struct proc_text *t, const struct proc_key *k);
/* What can be set (procfs_set.c). */
int proc_comm_write(const struct proc_key *k, const char *text);
int proc_oom_adj(struct proc_text *t, const struct proc_key *k);
int proc_oom_adj_write(const struct proc_key *k, const char *text);
int proc_oom_score(struct proc_text *t, const struct proc_key *k);
int proc_mountstats(struct proc_text *t, const struct proc_key *k);
extern const struct proc_dir proc_sys_dir; /* procfs_sysctl.c */
extern const struct proc_dir proc_net_dir; /* procfs_net.c */
/* What the kernel was started with; /proc/cmdline. Set once at boot. */
void procfs_set_cmdline(const char *text);

/* The process that an open directory /proc/PID is of, with a reference. -EBADF: it is something else; -ESRCH. */
int lx_proc_dir_process(const struct file *f, struct process **out) MUST_CHECK;

/* Load averages over 1, 5 and 15 minutes, fixed point with 16 bits of fraction (loadavg.c). */
void lx_loadavg_init(void);
void lx_loadavg(u64 load[3]);
