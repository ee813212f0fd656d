/* Control data: what travels beside a message's bytes, as programs write it: a row of headers, each
 * with its length. Lengths are the program's, so each is held against what is left before it is
 * believed. cmsg(3), unix(7). */
#include "linux/sock.h"

/* --- in --- */

static int handles_add(struct sock_control *out, const i32 *fds, u32 n)
{
    struct handle_table *t = process_current()->handles;
    if (!out->handles) {
        out->handles = kmalloc(sizeof *out->handles);
        if (!out->handles)
            return -ENOMEM;
        out->handles->count = 0;
        out->handles->uid = lx_current()->uid;
        out->handles->limit = lx_capable(LX_CAP_SYS_RESOURCE) || lx_capable(LX_CAP_SYS_ADMIN)
            ? UINT32_MAX : (u32)MIN(lx_limit(LX_RLIMIT_NOFILE), (u64)UINT32_MAX);
    }
    struct sock_handles *h = out->handles;
    if (n > SOCK_HANDLES_MAX - h->count)
        return -EINVAL;
    for (u32 i = 0; i < n; i++) {
        struct sock_handle *at = &h->at[h->count];
        int r = handle_get(t, fds[i], KOBJ_NONE, RIGHT_TRANSFER, &at->obj, &at->rights);
        if (r < 0)
            return r;
        h->count++;
    }
    return 0;
}

/* Without the right to be somebody else one says only what is true. */
static int ids_set(struct sock_control *out, const struct sock_ids *ids)
{
    const struct lx_process *lx = lx_current();
    bool own_pid = ids->pid == (u32)process_current()->pid;
    bool own_uid = ids->uid == lx->uid || ids->uid == lx->euid || ids->uid == lx->suid;
    bool own_gid = ids->gid == lx->gid || ids->gid == lx->egid || ids->gid == lx->sgid;
    if (!(own_pid || lx_capable(LX_CAP_SYS_ADMIN)) || !(own_uid || lx_capable(LX_CAP_SETUID)) ||
        !(own_gid || lx_capable(LX_CAP_SETGID)))
        return -EPERM;
    struct process *p = own_pid ? NULL : process_find((int)ids->pid);
    if (!own_pid && !p)
        return -ESRCH;
    if (p)
        kobject_put(&p->obj);
    out->ids = *ids;
    out->has_ids = true;
    return 0;
}

/* Of one header with n bytes of data, of AF_UNIX. */
static int unix_header_get(const struct lx_cmsghdr *h, const void *data, u64 n, struct sock_control *out)
{
    if (h->level != SOL_SOCKET)
        return 0;
    switch (h->type) {
    case LX_SCM_RIGHTS:
        return n / sizeof(i32) ? handles_add(out, data, (u32)(n / sizeof(i32))) : 0;
    case LX_SCM_CREDENTIALS:
        return n == sizeof(struct sock_ids) ? ids_set(out, data) : -EINVAL;
    default:
        return -EINVAL;
    }
}

static int header_get(const struct socket *s, const struct lx_cmsghdr *h, struct sock_control *out)
{
    if (s->family == AF_UNIX)
        return unix_header_get(h, h + 1, h->len - sizeof *h, out);
    return out->ip ? lx_cmsg_ip_get(s, h, out->ip) : 0;
}

static int headers_walk(const struct socket *s, const u8 *buf, u64 len, struct sock_control *out)
{
    int r = 0;
    for (u64 at = 0; r == 0 && len - at >= sizeof(struct lx_cmsghdr);) {
        const struct lx_cmsghdr *h = (const void *)(buf + at);
        if (h->len < sizeof *h || h->len > len - at)
            return -EINVAL;
        r = header_get(s, h, out);
        at += MIN(LX_CMSG_ALIGN(h->len), len - at);
    }
    return r;
}

int lx_cmsg_get(const struct socket *s, u64 user, u64 len, struct sock_control *out)
{
    if (len > LX_CONTROL_MAX)
        return -ENOBUFS;
    u8 *buf = kmalloc(len);
    if (!buf)
        return -ENOBUFS;
    int r = copy_from_user(buf, uptr(user), len);
    if (r == 0)
        r = headers_walk(s, buf, len, out);
    kfree(buf);
    if (r < 0) {
        sock_handles_free(out->handles);
        out->handles = NULL;
    }
    return r;
}

/* --- out --- */

int lx_cmsg_append(struct lx_cmsg_writer *w, int level, int type, const void *data, u64 n)
{
    struct lx_cmsghdr h = { .len = sizeof h + n, .level = level, .type = type };
    u64 left = w->room - w->used;
    if (left < sizeof h) {
        w->flags_out |= MSG_CTRUNC;
        return 0;
    }
    if (left < h.len) {
        w->flags_out |= MSG_CTRUNC;
        h.len = left;
    }
    u64 at = w->user + w->used;
    if (copy_to_user(uptr(at), &h, sizeof h) || copy_to_user(uptr(at + sizeof h), data, h.len - sizeof h))
        return -EFAULT;
    w->used += MIN(LX_CMSG_ALIGN(h.len), left);
    return 0;
}

/* As many of the handles as there is room for become descriptors; the others go. */
static int handles_put(struct lx_cmsg_writer *w, struct sock_handles *h, unsigned flags)
{
    u64 left = w->room - w->used;
    u64 most = left > sizeof(struct lx_cmsghdr) ? (left - sizeof(struct lx_cmsghdr)) / sizeof(i32) : 0;
    u64 data = w->user + w->used + sizeof(struct lx_cmsghdr);
    u32 n = 0;
    for (; n < h->count && n < most; n++) {
        i32 fd = lx_handle_install(h->at[n].obj, h->at[n].rights, flags);
        if (fd < 0)
            break;
        if (copy_to_user(uptr(data + n * sizeof(i32)), &fd, sizeof fd)) {
            handle_undo(process_current()->handles, fd, h->at[n].obj);
            break;
        }
    }
    if (n < h->count)
        w->flags_out |= MSG_CTRUNC;
    if (!n)
        return 0;
    struct lx_cmsghdr head = { .len = sizeof head + n * sizeof(i32), .level = SOL_SOCKET, .type = LX_SCM_RIGHTS };
    if (copy_to_user(uptr(w->user + w->used), &head, sizeof head))
        return -EFAULT;
    w->used += MIN(LX_CMSG_ALIGN(head.len), left);
    return 0;
}

static int stamp_put(struct lx_cmsg_writer *w, u64 at_ns, bool ns)
{
    u64 at[2] = { at_ns / NSEC_PER_SEC, ns ? at_ns % NSEC_PER_SEC : at_ns % NSEC_PER_SEC / 1000 };
    return lx_cmsg_append(w, SOL_SOCKET, ns ? LX_SCM_TIMESTAMPNS : LX_SCM_TIMESTAMP, at, sizeof at);
}

int lx_cmsg_put(const struct socket *s, struct sock_control *c, u64 user, u64 *len, u32 flags, u32 *flags_out)
{
    struct lx_cmsg_writer w = { .user = user, .room = *len };
    struct sock_ids nobody = { 0, 65534, 65534 }; /* of bytes that came before SO_PASSCRED was set */
    int r = user_range_ok(uptr(user), *len) ? 0 : -EFAULT;
    if (r == 0 && c->stamp_ns)
        r = stamp_put(&w, c->stamp_ns, s->timestamp_ns);
    if (r == 0 && c->ip && c->ip->has)
        r = lx_cmsg_ip_put(&w, c->ip);
    if (r == 0 && s->pass_ids)
        r = lx_cmsg_append(&w, SOL_SOCKET, LX_SCM_CREDENTIALS, c->has_ids ? &c->ids : &nobody, sizeof c->ids);
    if (r == 0 && c->handles)
        r = handles_put(&w, c->handles, flags & MSG_CMSG_CLOEXEC ? HANDLE_CLOEXEC : 0);
    sock_handles_free(c->handles);
    c->handles = NULL;
    *len = w.used;
    *flags_out |= w.flags_out;
    return r;
}
