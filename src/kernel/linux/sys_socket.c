/* Sockets as descriptors: making them, naming them, connecting them, their options. Addresses are
 * copied in and out whole; what they mean is the family's business. */
#include "linux/missing.h"
#include "linux/sock.h"

/* What is no socket is that first; only then it matters what it may be used for. */
static int lacking_error(int fd)
{
    struct file *f;
    int r = lx_file_get_open(fd, &f);
    if (r < 0)
        return r;
    r = socket_of_file(f) ? -EBADF : -ENOTSOCK;
    file_put(f);
    return r;
}

int lx_sock_borrow(int fd, unsigned need, struct file **f, struct socket **s)
{
    int r = lx_file_borrow(fd, need, f);
    if (unlikely(r < 0))
        return need ? lacking_error(fd) : r;
    *s = file_has(*f, FILE_PATH) ? NULL : socket_of_file(*f);
    if (*s)
        return r;
    int error = file_has(*f, FILE_PATH) ? -EBADF : -ENOTSOCK;
    lx_file_return(*f, r);
    return error;
}

static void ids_of_caller(struct sock_ids *out)
{
    const struct lx_process *lx = lx_current();
    *out = (struct sock_ids){ .pid = (u32)process_current()->pid, .uid = lx->euid, .gid = lx->egid };
}

static bool may_admin(void) { return lx_capable(LX_CAP_NET_ADMIN); }

const struct net_hooks lx_net_hooks = { .caller_ids = ids_of_caller, .caller_may_admin = may_admin };

static bool may_be_path(const struct net_addr *a) { return a && a->len > 2 && a->family == AF_UNIX && a->bytes[2]; }

void lx_caller_get(struct lx_caller *lc, const struct net_addr *a)
{
    lc->c = (struct sock_caller){ .may_raw = lx_capable(LX_CAP_NET_RAW),
                                  .may_low_port = lx_capable(LX_CAP_NET_BIND_SERVICE),
                                  .may_admin = lx_capable(LX_CAP_NET_ADMIN) };
    ids_of_caller(&lc->c.ids);
    if (!may_be_path(a))
        return;
    struct lx_fs *fs = lx_current()->fs;
    lx_walk_get(&lc->walk);
    lc->c.walk = &lc->walk.w;
    lc->c.umask = __atomic_load_n(&fs->umask, __ATOMIC_RELAXED);
}

void lx_caller_put(struct lx_caller *lc)
{
    if (lc->c.walk)
        lx_walk_put(&lc->walk);
}

int lx_addr_get(u64 user, u64 len, struct net_addr *out)
{
    if ((u32)len > NET_ADDR_MAX)
        return -EINVAL;
    out->len = (u32)len;
    out->family = AF_UNSPEC;
    return copy_from_user(out->bytes, uptr(user), out->len);
}

int lx_addr_put(u64 user, u64 user_len, const struct net_addr *a)
{
    i32 room;
    if (copy_from_user(&room, uptr(user_len), sizeof room))
        return -EFAULT;
    if (room < 0)
        return -EINVAL;
    if (copy_to_user(uptr(user), a->bytes, MIN((u32)room, a->len)))
        return -EFAULT;
    return copy_to_user(uptr(user_len), &a->len, sizeof a->len);
}

/* --- making --- */

static bool type_ok(u32 type) { return !(type & ~(LX_SOCK_TYPE_MASK | LX_SOCK_NONBLOCK | LX_SOCK_CLOEXEC)); }
static u32 file_flags_of(u32 type) { return type & LX_SOCK_NONBLOCK ? FILE_NONBLOCK : 0; }

long sys_socket(u64 family, u64 utype, u64 protocol, u64, u64, u64)
{
    u32 type = (u32)utype;
    struct lx_caller lc;
    struct file *f;
    if (!type_ok(type))
        return -EINVAL;
    lx_caller_get(&lc, NULL);
    int r = socket_open((int)family, (int)(type & LX_SOCK_TYPE_MASK), (int)protocol, file_flags_of(type), &lc.c, &f);
    if (r == -EAFNOSUPPORT || r == -EPROTONOSUPPORT || r == -ESOCKTNOSUPPORT)
        return lx_missing(family << 32 | (u32)utype, r);
    return r < 0 ? r : lx_fd_install_new(f, type & LX_SOCK_CLOEXEC ? LX_O_CLOEXEC : 0);
}

/* Two new files in two descriptors, told to the program. Takes over the references. */
static long pair_install(struct file *f[2], unsigned handle_flags, u64 user)
{
    struct handle_table *t = process_current()->handles;
    i32 fds[2];
    int r = fds[0] = lx_fd_install(f[0], handle_flags);
    if (r < 0)
        goto put_files;
    r = fds[1] = lx_fd_install(f[1], handle_flags);
    if (r < 0)
        goto close_first;
    r = copy_to_user(uptr(user), fds, sizeof fds);
    if (r == 0)
        goto put_files;
    handle_undo(t, fds[1], &f[1]->obj);
close_first:
    handle_undo(t, fds[0], &f[0]->obj);
put_files:
    file_put(f[0]);
    file_put(f[1]);
    return r < 0 ? r : 0;
}

long sys_socketpair(u64 family, u64 utype, u64 protocol, u64 fds, u64, u64)
{
    u32 type = (u32)utype;
    struct lx_caller lc;
    struct file *f[2];
    if (!type_ok(type))
        return -EINVAL;
    lx_caller_get(&lc, NULL);
    int r = socket_open_pair((int)family, (int)(type & LX_SOCK_TYPE_MASK), (int)protocol, file_flags_of(type), &lc.c, f);
    return r < 0 ? r : pair_install(f, type & LX_SOCK_CLOEXEC ? HANDLE_CLOEXEC : 0, fds);
}

/* --- names --- */

typedef int (*named_fn)(struct socket *s, const struct net_addr *a, const struct sock_caller *c, u32 flags);

static int do_bind(struct socket *s, const struct net_addr *a, const struct sock_caller *c, u32 flags)
{
    return socket_bind(s, a, c);
}

static long with_address(u64 fd, u64 user, u64 len, named_fn fn)
{
    struct file *f;
    struct socket *s;
    struct net_addr a;
    struct lx_caller lc;
    int b = lx_sock_borrow((int)fd, 0, &f, &s);
    if (b < 0)
        return b;
    int r = lx_addr_get(user, len, &a);
    if (r == 0) {
        lx_caller_get(&lc, &a);
        r = fn(s, &a, &lc.c, file_has(f, FILE_NONBLOCK) ? MSG_DONTWAIT : 0);
        lx_caller_put(&lc);
    }
    lx_file_return(f, b);
    return r;
}

long sys_bind(u64 fd, u64 addr, u64 len, u64, u64, u64) { return with_address(fd, addr, len, do_bind); }
long sys_connect(u64 fd, u64 addr, u64 len, u64, u64, u64) { return with_address(fd, addr, len, socket_connect); }

static long tell_address(u64 fd, u64 addr, u64 len, bool peer)
{
    struct file *f;
    struct socket *s;
    struct net_addr a;
    int b = lx_sock_borrow((int)fd, 0, &f, &s);
    if (b < 0)
        return b;
    int r = socket_address(s, peer, &a);
    if (r == 0)
        r = lx_addr_put(addr, len, &a);
    lx_file_return(f, b);
    return r;
}

long sys_getsockname(u64 fd, u64 addr, u64 len, u64, u64, u64) { return tell_address(fd, addr, len, false); }
long sys_getpeername(u64 fd, u64 addr, u64 len, u64, u64, u64) { return tell_address(fd, addr, len, true); }

long sys_listen(u64 fd, u64 backlog, u64, u64, u64, u64)
{
    struct file *f;
    struct socket *s;
    struct lx_caller lc;
    int b = lx_sock_borrow((int)fd, 0, &f, &s);
    if (b < 0)
        return b;
    lx_caller_get(&lc, NULL);
    int r = socket_listen(s, (int)backlog, &lc.c);
    lx_file_return(f, b);
    return r;
}

static long do_accept(struct file *f, struct socket *s, u64 addr, u64 len, u32 flags)
{
    struct net_addr peer;
    struct file *fresh;
    int r = socket_accept(s, file_has(f, FILE_NONBLOCK) ? MSG_DONTWAIT : 0, file_flags_of(flags), &fresh, addr ? &peer : NULL);
    if (r == 0 && addr) {
        r = lx_addr_put(addr, len, &peer);
        if (r < 0)
            file_put(fresh);
    }
    return r < 0 ? r : lx_fd_install_new(fresh, flags & LX_SOCK_CLOEXEC ? LX_O_CLOEXEC : 0);
}

long sys_accept4(u64 fd, u64 addr, u64 len, u64 uflags, u64, u64)
{
    u32 flags = (u32)uflags;
    struct file *f;
    struct socket *s;
    if (flags & ~(LX_SOCK_NONBLOCK | LX_SOCK_CLOEXEC))
        return -EINVAL;
    int b = lx_sock_borrow((int)fd, 0, &f, &s);
    if (b < 0)
        return b;
    long r = do_accept(f, s, addr, len, flags);
    lx_file_return(f, b);
    return r;
}

long sys_accept(u64 fd, u64 addr, u64 len, u64, u64, u64) { return sys_accept4(fd, addr, len, 0, 0, 0); }

long sys_shutdown(u64 fd, u64 how, u64, u64, u64, u64)
{
    struct file *f;
    struct socket *s;
    int b = lx_sock_borrow((int)fd, 0, &f, &s);
    if (b < 0)
        return b;
    int r = socket_shutdown(s, (int)how);
    lx_file_return(f, b);
    return r;
}

/* --- options --- */

static int option_set(struct socket *s, int level, int name, u64 user, i32 len)
{
    u8 value[SOCK_OPTION_MAX];
    if (len < 0)
        return -EINVAL;
    u32 n = MIN((u32)len, SOCK_OPTION_MAX);
    if (copy_from_user(value, uptr(user), n))
        return -EFAULT;
    return socket_set_option(s, level, name, value, n, lx_capable(LX_CAP_NET_ADMIN));
}

static int option_get(struct socket *s, int level, int name, u64 user, u64 user_len)
{
    u8 value[SOCK_OPTION_MAX] = { 0 };
    i32 room;
    if (copy_from_user(&room, uptr(user_len), sizeof room))
        return -EFAULT;
    if (room < 0)
        return -EINVAL;
    u32 n = MIN((u32)room, SOCK_OPTION_MAX);
    int r = socket_get_option(s, level, name, value, &n);
    if (r == 0 && copy_to_user(uptr(user), value, n))
        r = -EFAULT;
    return r < 0 ? r : copy_to_user(uptr(user_len), &n, sizeof n);
}

long sys_setsockopt(u64 fd, u64 level, u64 name, u64 value, u64 len, u64)
{
    struct file *f;
    struct socket *s;
    int b = lx_sock_borrow((int)fd, 0, &f, &s);
    if (b < 0)
        return b;
    int r = option_set(s, (int)level, (int)name, value, (i32)len);
    lx_file_return(f, b);
    return r == -ENOPROTOOPT ? lx_missing(level << 32 | (u32)name, r) : r;
}

long sys_getsockopt(u64 fd, u64 level, u64 name, u64 value, u64 len, u64)
{
    struct file *f;
    struct socket *s;
    int b = lx_sock_borrow((int)fd, 0, &f, &s);
    if (b < 0)
        return b;
    int r = option_get(s, (int)level, (int)name, value, len);
    lx_file_return(f, b);
    return r == -ENOPROTOOPT ? lx_missing(level << 32 | (u32)name, r) : r;
}
