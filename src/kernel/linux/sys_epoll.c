/* epoll: ports (vfs/port.h) in Linux's words. An epoll is never restarted after a signal: EINTR. */
#include "linux/abi/epoll.h"
#include "linux/poll_wait.h"
#include "linux/sys_priv.h"
#include "vfs/port.h"

#define EVENTS_MAX (INT32_MAX / (u64)sizeof(struct lx_epoll_event))
/* What an exclusive item may ask for: epoll_ctl(2). */
#define EXCLUSIVE_OK (POLL_READABLE | POLL_WRITABLE | POLL_ERR | POLL_HUP | PORT_WAKEUP | PORT_EDGE | PORT_EXCLUSIVE)

long sys_epoll_create1(u64 flags, u64, u64, u64, u64, u64)
{
    struct file *f;
    if ((u32)flags & ~LX_O_CLOEXEC)
        return -EINVAL;
    int r = port_create(&f);
    return r < 0 ? r : lx_fd_install_new(f, (u32)flags);
}

long sys_epoll_create(u64 size, u64, u64, u64, u64, u64)
{
    return (i32)size <= 0 ? -EINVAL : sys_epoll_create1(0, 0, 0, 0, 0, 0);
}

static int no_port(const struct file *f) { return file_has(f, FILE_PATH) ? -EBADF : -EINVAL; }

/* -EINVAL where epoll_ctl(2) wants it before any item is looked for. */
static int ctl_check(int op, const struct file *port, const struct file *f, u32 events)
{
    if (!file_can_wait(f))
        return file_has(f, FILE_PATH) ? -EBADF : -EPERM;
    if (f == port || !port_of_file(port))
        return no_port(port);
    if (op == LX_EPOLL_CTL_DEL || !(events & PORT_EXCLUSIVE))
        return 0;
    if (op == LX_EPOLL_CTL_MOD || port_of_file(f) || (events & ~EXCLUSIVE_OK))
        return -EINVAL;
    return 0;
}

static long ctl(struct file *port_file, int op, struct file *f, int fd, const struct lx_epoll_event *ev)
{
    int r = ctl_check(op, port_file, f, ev->events);
    if (r < 0)
        return r;
    struct port *p = port_of_file(port_file);
    switch (op) {
    case LX_EPOLL_CTL_ADD:
        return port_add(p, f, fd, ev->events, ev->data);
    case LX_EPOLL_CTL_DEL:
        return port_remove(p, f, fd);
    case LX_EPOLL_CTL_MOD:
        return port_modify(p, f, fd, ev->events, ev->data);
    default:
        return -EINVAL;
    }
}

long sys_epoll_ctl(u64 epfd, u64 uop, u64 ufd, u64 uevent, u64, u64)
{
    struct lx_epoll_event ev = { 0 };
    struct file *port, *f;
    int op = (int)uop, fd = (int)ufd;
    if (op != LX_EPOLL_CTL_DEL && copy_from_user(&ev, uptr(uevent), sizeof(ev)))
        return -EFAULT;
    int port_borrowed = lx_file_borrow((int)epfd, 0, &port);
    if (port_borrowed < 0)
        return port_borrowed;
    int borrowed = lx_file_borrow(fd, 0, &f);
    long r = borrowed;
    if (borrowed >= 0) {
        r = ctl(port, op, f, fd, &ev);
        lx_file_return(f, borrowed);
    }
    lx_file_return(port, port_borrowed);
    return r;
}

static int report(void *ctx, u32 bits, u64 data)
{
    u64 *next = ctx;
    struct lx_epoll_event ev = { bits, data };
    if (copy_to_user(uptr(*next), &ev, sizeof(ev)))
        return -EFAULT;
    *next += sizeof(ev);
    return 0;
}

/* deadline_ns: as port_wait. */
static long do_wait(u64 epfd, u64 events, i32 max, u64 deadline_ns)
{
    struct file *f;
    if (max <= 0 || (u64)max > EVENTS_MAX)
        return -EINVAL;
    if (!user_range_ok(uptr(events), (u64)max * sizeof(struct lx_epoll_event)))
        return -EFAULT;
    int r = lx_file_borrow((int)epfd, 0, &f);
    if (r < 0)
        return r;
    struct port *p = port_of_file(f);
    long n = p ? port_wait(p, (size_t)max, deadline_ns, report, &events) : no_port(f);
    lx_file_return(f, r);
    return n;
}

static u64 deadline_after(u64 ns)
{
    if (ns == 0)
        return PORT_LOOK;
    u64 at = lx_deadline(clock_now_ns(), ns);
    return at == UINT64_MAX ? 0 : MAX(at, PORT_LOOK + 1);
}

static u64 deadline_of_ms(u64 timeout_ms)
{
    i32 ms = (i32)timeout_ms;
    return ms < 0 ? 0 : deadline_after((u64)ms * 1000000);
}

static long wait_masked(u64 epfd, u64 events, i32 max, u64 deadline_ns, u64 mask, u64 mask_size)
{
    int r = lx_wait_mask_begin(uptr(mask), mask_size);
    if (r < 0)
        return r;
    long n = do_wait(epfd, events, max, deadline_ns);
    lx_wait_mask_end(n == -EINTR ? -ERESTARTNOHAND : n);
    return n;
}

long sys_epoll_wait(u64 epfd, u64 events, u64 max, u64 timeout_ms, u64, u64)
{
    return do_wait(epfd, events, (i32)max, deadline_of_ms(timeout_ms));
}

long sys_epoll_pwait(u64 epfd, u64 events, u64 max, u64 timeout_ms, u64 mask, u64 mask_size)
{
    return wait_masked(epfd, events, (i32)max, deadline_of_ms(timeout_ms), mask, mask_size);
}

long sys_epoll_pwait2(u64 epfd, u64 events, u64 max, u64 timeout, u64 mask, u64 mask_size)
{
    u64 ns, deadline = 0;
    if (timeout) {
        int r = lx_timespec_get(uptr(timeout), &ns);
        if (r < 0)
            return r;
        deadline = deadline_after(ns);
    }
    return wait_masked(epfd, events, (i32)max, deadline, mask, mask_size);
}
