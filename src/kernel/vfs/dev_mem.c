/* null, zero, full, random, urandom, kmsg. Numbers: Linux, Documentation/admin-guide/devices.txt,
 * major 1. Reading kmsg gives one line of the log per call and never waits: 0 at its end (-EAGAIN
 * with O_NONBLOCK). */
#include "vfs/dev_mem.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/random.h"
#include "mm/slab.h"
#include "vfs/devfs.h"
#include "vm/usercopy.h"

#define MEM_MAJOR 1

static ssize_t_k null_read(struct file *f, uptr_t buf, size_t n, u64 *pos) { return 0; }
static ssize_t_k null_write(struct file *f, uptr_t buf, size_t n, u64 *pos) { return (ssize_t_k)n; }
static u64 no_size(struct file *f) { return 0; }

static ssize_t_k zero_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    return clear_user(buf, n) ? -EFAULT : (ssize_t_k)n;
}

/* Each mmap of /dev/zero is memory of its own, as if it had been anonymous. */
static int zero_get_vmo(struct file *f, struct vmo **out) { return vmo_create_anon(FILE_SIZE_MAX, out); }

static ssize_t_k full_write(struct file *f, uptr_t buf, size_t n, u64 *pos) { return n ? -ENOSPC : 0; }

static ssize_t_k random_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    u8 chunk[256];
    size_t done = 0;
    while (done < n) {
        size_t want = MIN(n - done, sizeof chunk);
        kernel_random(chunk, want);
        size_t got = copy_to_user_partial(buf + done, chunk, want);
        done += got;
        if (got < want)
            return done ? (ssize_t_k)done : -EFAULT;
        if (thread_current()->work & (WORK_SIGNAL | WORK_EXIT))
            break; /* a long read stays interruptible */
    }
    return (ssize_t_k)done;
}

/* One record a call. The position is the number of the next one. */
static ssize_t_k kmsg_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    char *record = kmalloc(LOG_RECORD_MAX);
    u64 seq = *pos;
    ssize_t_k r;
    if (!record)
        return -ENOMEM;
    size_t len = log_read_record(&seq, record);
    if (len == 0)
        r = file_has(f, FILE_NONBLOCK) ? -EAGAIN : 0;
    else if (len > n)
        r = -EINVAL; /* as Linux: a record is read whole */
    else
        r = copy_to_user(buf, record, len) ? -EFAULT : (ssize_t_k)len;
    if (r > 0)
        *pos = seq;
    kfree(record);
    return r;
}
static u64 kmsg_size(struct file *f) { return log_end(); }

/* "<N>text": N & 7 is the level (syslog(2)). */
static ssize_t_k kmsg_write(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    char line[LOG_LINE_MAX];
    size_t len = MIN(n, sizeof line - 1), at = 0;
    int level = LOG_INFO;
    if (copy_from_user(line, buf, len))
        return -EFAULT;
    while (len && (line[len - 1] == '\n' || line[len - 1] == 0))
        len--;
    line[len] = 0;
    if (len > 2 && line[0] == '<' && line[1] >= '0' && line[1] <= '9') {
        unsigned value = 0;
        for (at = 1; line[at] >= '0' && line[at] <= '9' && at < 5; at++)
            value = value * 10 + (unsigned)(line[at] - '0');
        if (line[at] == '>') {
            level = (int)(value & 7);
            at++;
        } else {
            at = 0;
        }
    }
    klog((enum log_level)level, "%s", line + at);
    return (ssize_t_k)n;
}

static const struct file_ops null_ops = { .name = "null", .read = null_read, .write = null_write, .size = no_size,
                                          .only_start = true };
static const struct file_ops zero_ops = { .name = "zero", .read = zero_read, .write = null_write, .size = no_size,
                                          .only_start = true, .get_vmo = zero_get_vmo };
static const struct file_ops full_ops = { .name = "full", .read = zero_read, .write = full_write, .size = no_size,
                                          .only_start = true };
static const struct file_ops random_ops = { .name = "random", .read = random_read, .write = null_write,
                                            .size = no_size };
static const struct file_ops kmsg_ops = { .name = "kmsg", .read = kmsg_read, .write = kmsg_write, .size = kmsg_size };

static int simple_open(struct file *f, void *ctx)
{
    f->ops = ctx;
    return 0;
}

void dev_mem_init(void)
{
    static const struct { const char *name; u32 perm, minor; dev_open_fn open; const struct file_ops *ops; } table[] = {
        { "null", 0666, 3, simple_open, &null_ops },     { "zero", 0666, 5, simple_open, &zero_ops },
        { "full", 0666, 7, simple_open, &full_ops },     { "random", 0666, 8, simple_open, &random_ops },
        { "urandom", 0666, 9, simple_open, &random_ops }, { "kmsg", 0644, 11, simple_open, &kmsg_ops },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(table); i++)
        if (devfs_add(table[i].name, MODE_CHR | table[i].perm, makedev(MEM_MAJOR, table[i].minor), table[i].open, (void *)table[i].ops))
            panic("devfs: no memory for /dev/%s", table[i].name);
}
