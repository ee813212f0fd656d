/* The growing text of a /proc file. Doubling, up to a bound that no honest file reaches. */
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "linux/procfs.h"
#include "mm/slab.h"

#define TEXT_MAX (4ul << 20)

/* Room for n more bytes and a terminator. */
static bool reserve(struct proc_text *t, size_t n)
{
    if (t->error)
        return false;
    if (n > TEXT_MAX || t->len + n + 1 > TEXT_MAX) {
        t->error = -EFBIG;
        return false;
    }
    if (t->len + n + 1 <= t->size)
        return true;
    size_t size = MAX(t->size * 2, ROUND_UP(t->len + n + 1, 1024));
    char *buf = t->buf ? krealloc(t->buf, size) : kmalloc(size);
    if (!buf) {
        t->error = -ENOMEM;
        return false;
    }
    t->buf = buf;
    t->size = size;
    return true;
}

void proc_append(struct proc_text *t, const void *bytes, size_t n)
{
    if (!reserve(t, n))
        return;
    memcpy(t->buf + t->len, bytes, n);
    t->len += n;
}

void proc_printf(struct proc_text *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = format_v(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0 || !reserve(t, (size_t)n))
        return;
    va_start(ap, fmt);
    format_v(t->buf + t->len, t->size - t->len, fmt, ap);
    va_end(ap);
    t->len += (size_t)n;
}

void proc_text_fini(struct proc_text *t)
{
    kfree(t->buf);
    *t = (struct proc_text){ 0 };
}
