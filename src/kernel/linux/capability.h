/* Capabilities (capabilities(7)): the superuser's rights in pieces, and the rules by which a process
 * gains and loses them. Pure; the lock that guards a process's set is its signal lock (sys_cred.c).
 *
 * They belong to the whole process here, as its identities do. Files carry none (security.capability
 * cannot be set), so execve gives them to user 0 and keeps the ambient ones. */
#pragma once
#include "lib/types.h"

/* linux/capability.h */
#define LX_CAP_VERSION_1 0x19980330u /* one word a set */
#define LX_CAP_VERSION_2 0x20071026u /* two, as in version 3 */
#define LX_CAP_VERSION_3 0x20080522u

enum {
    LX_CAP_CHOWN = 0, LX_CAP_DAC_OVERRIDE = 1, LX_CAP_DAC_READ_SEARCH = 2, LX_CAP_FOWNER = 3, LX_CAP_FSETID = 4,
    LX_CAP_KILL = 5, LX_CAP_SETGID = 6, LX_CAP_SETUID = 7, LX_CAP_SETPCAP = 8, LX_CAP_LINUX_IMMUTABLE = 9,
    LX_CAP_NET_BIND_SERVICE = 10, LX_CAP_NET_ADMIN = 12, LX_CAP_NET_RAW = 13, LX_CAP_IPC_LOCK = 14,
    LX_CAP_IPC_OWNER = 15, LX_CAP_SYS_CHROOT = 18, LX_CAP_SYS_PTRACE = 19, LX_CAP_SYS_ADMIN = 21,
    LX_CAP_SYS_BOOT = 22, LX_CAP_SYS_NICE = 23, LX_CAP_SYS_RESOURCE = 24, LX_CAP_SYS_TIME = 25, LX_CAP_SYS_TTY_CONFIG = 26,
    LX_CAP_MKNOD = 27,
    LX_CAP_MAC_OVERRIDE = 32, LX_CAP_SYSLOG = 34, LX_CAP_WAKE_ALARM = 35, LX_CAP_CHECKPOINT_RESTORE = 40,
    LX_CAP_LAST = LX_CAP_CHECKPOINT_RESTORE,
};
#define LX_CAP_BIT(cap) (1ull << (cap))
#define LX_CAP_ALL (LX_CAP_BIT(LX_CAP_LAST + 1) - 1)

/* linux/securebits.h: each switch has a lock in the bit above it. */
#define LX_SECBIT_NOROOT 0x01u
#define LX_SECBIT_NO_SETUID_FIXUP 0x04u
#define LX_SECBIT_KEEP_CAPS 0x10u
#define LX_SECBIT_KEEP_CAPS_LOCKED 0x20u
#define LX_SECBIT_NO_CAP_AMBIENT_RAISE 0x40u
#define LX_SECBITS 0x55u
#define LX_SECBIT_LOCKS 0xaau

struct lx_cap_header { u32 version; i32 pid; };
struct lx_cap_data { u32 effective, permitted, inheritable; };

/* effective and ambient within permitted; ambient within inheritable. */
struct lx_caps { u64 effective, permitted, inheritable, bounding, ambient; u32 securebits; };
struct lx_users { u32 real, effective, saved; };

static inline bool lx_caps_have(const struct lx_caps *c, unsigned cap) { return c->effective >> cap & 1; }
static inline bool lx_caps_within(u64 some, u64 others) { return (some & ~others) == 0; }

/* What setuid and its kin do to them, and setfsuid. */
void lx_caps_change_users(struct lx_caps *c, struct lx_users old, struct lx_users now);
void lx_caps_change_fsuid(struct lx_caps *c, u32 old, u32 now);
/* What execve does to them. set_id: the program is to run as somebody else than the real user and group;
 * grants: it may give more than there was (no_new_privs, tracers). */
void lx_caps_exec(struct lx_caps *c, u32 uid, u32 euid, bool set_id, bool grants);
/* capset: -EPERM. */
int lx_caps_set(struct lx_caps *c, u64 effective, u64 permitted, u64 inheritable) MUST_CHECK;
/* prctl. cap is a valid one. -EPERM. */
int lx_caps_drop_bound(struct lx_caps *c, unsigned cap) MUST_CHECK;
int lx_caps_raise_ambient(struct lx_caps *c, unsigned cap) MUST_CHECK;
int lx_caps_set_keep(struct lx_caps *c, bool keep) MUST_CHECK;
int lx_caps_set_securebits(struct lx_caps *c, u64 bits) MUST_CHECK;
