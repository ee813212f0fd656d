/* /proc/PID/maps: what the process has mapped, by address, and the files' names.
 *
 * The address space is looked at with its lock held, when no name may be asked for; so the files are noted
 * with a reference, in memory that was made before for as many mappings as there were. If there are more by
 * then it is done again. */
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "linux/procfs_maps.h"
#include "linux/sys_shm.h"
#include "linux/vdso_page.h"
#include "mm/slab.h"

#define NAME_COLUMN 73 /* proc_pid_maps(5): names stand in a column */
#define ROOM_AHEAD 8

struct row { struct mapping_info m; struct vnode *v; bool is_shm; i32 shm_key; }; /* m.vmo is not to be used any more */
struct rows { struct row *row; u64 n, size; };

static void note_mapping(const struct mapping_info *m, void *ctx)
{
    struct rows *rows = ctx;
    if (rows->n < rows->size) {
        struct row *row = &rows->row[rows->n];
        *row = (struct row){ .m = *m, .v = m->vmo ? vnode_of_vmo(m->vmo) : NULL };
        if (row->v)
            vnode_get(row->v);
        row->is_shm = m->vmo && lx_shm_key_of(m->vmo, &row->shm_key);
    }
    rows->n++;
}

static void rows_free(struct rows *rows)
{
    for (u64 i = 0; i < MIN(rows->n, rows->size); i++)
        vnode_put(rows->row[i].v);
    kfree(rows->row);
    *rows = (struct rows){ 0 };
}

static int rows_take(struct aspace *as, struct rows *rows)
{
    u64 size = aspace_stats(as).mappings;
    do {
        rows_free(rows);
        size += ROOM_AHEAD;
        *rows = (struct rows){ .row = kmalloc(size * sizeof(struct row)), .size = size };
        if (!rows->row)
            return -ENOMEM;
        aspace_for_each(as, note_mapping, rows);
        size = rows->n;
    } while (rows->n > rows->size);
    return 0;
}

/* What has no file: by what it is for. */
static const char *special_name(const struct mapping_info *m)
{
    if (vdso_is(m->vmo))
        return "[vdso]";
    if (m->is_stack)
        return "[stack]";
    if (m->is_brk)
        return "[heap]";
    return m->vmo && (m->flags & VM_SHARED) && !m->is_device ? "/dev/zero (deleted)" : NULL;
}

static void append_row(struct proc_text *t, const struct row *row, char *name)
{
    const struct mapping_info *m = &row->m;
    struct vattr a = { 0 };
    const char *shown = special_name(m);
    if (row->v && vfs_getattr(row->v, &a) == 0 && proc_vnode_name(row->v, name, PATH_MAX_BYTES) > 0)
        shown = name;
    if (row->is_shm)
        format(name, PATH_MAX_BYTES, "/SYSV%08x (deleted)", (u32)row->shm_key), shown = name;
    size_t begin = t->len;
    bool shared = (m->flags & VM_SHARED) && !vdso_is(m->vmo);
    proc_printf(t, "%08llx-%08llx %c%c%c%c %08llx %02x:%02x %llu ", (unsigned long long)m->start,
                (unsigned long long)m->end,
                m->prot & VM_READ ? 'r' : '-', m->prot & VM_WRITE ? 'w' : '-', m->prot & VM_EXEC ? 'x' : '-',
                shared ? 's' : 'p', (unsigned long long)m->offset, (u32)(a.dev >> 8 & 0xfff), (u32)(a.dev & 0xff),
                (unsigned long long)a.ino);
    while (shown && !t->error && t->len - begin < NAME_COLUMN)
        proc_append(t, " ", 1);
    proc_printf(t, "%s\n", shown ? shown : "");
}

int proc_maps_with(struct proc_text *t, const struct proc_key *k, proc_mapping_fn more)
{
    struct aspace *as;
    struct rows rows = { 0 };
    int r = proc_aspace(k, true, &as);
    if (r < 0 || !as)
        return r;
    char *name = kmalloc(PATH_MAX_BYTES);
    r = name ? rows_take(as, &rows) : -ENOMEM;
    for (u64 i = 0; r == 0 && i < rows.n && !t->error; i++) {
        append_row(t, &rows.row[i], name);
        if (more)
            more(t, as, &rows.row[i].m);
    }
    rows_free(&rows);
    kfree(name);
    aspace_put(as);
    return r;
}

int proc_maps(struct proc_text *t, const struct proc_key *k) { return proc_maps_with(t, k, NULL); }
