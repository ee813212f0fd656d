/* What programs asked for and did not get: a bounded table of (program, call, detail), each with how often and what
 * it was answered. It is there for whoever brings a program that does not work: /proc/compat lists it, and each line
 * is said once in the log when it is new.
 *
 * Only answers that mean "this kernel does not have that" come here, from the places that give them; a program's
 * mistakes do not. A row is never removed, no program gets more than PROGRAM_ROWS, and what found no room is counted.
 * All of it costs nothing, not even memory, until something is missing, and never much: a program may ask in vain all
 * day. */
#include "linux/missing.h"
#include "arch/spinlock.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "linux/lx.h"
#include "linux/procfs.h"
#include "linux/syscall.h"
#include "mm/slab.h"

#define ROWS 512u /* a power of two */
#define PROGRAM_ROWS 64u
#define PROBES 32u

enum { ABSENT_CALL, DETAIL, FILE_NAME };

struct row {
    char program[16]; /* with zeroes to the end: rows are compared as bytes */
    u64 what;
    u32 call;
    i16 answer;
    u16 kind;
    char path[64];    /* cut if longer */
    u64 times;        /* the last member: not part of the comparison */
};
#define KEY_BYTES __builtin_offsetof(struct row, times)
_Static_assert(KEY_BYTES == 16 + 8 + 8 + 64, "no padding among what is compared");

static struct row *rows[ROWS]; /* by hash, within the next PROBES ones; NULL: free. A row never moves */
static u8 program_rows[ROWS]; /* by hash of the name, which other programs may share */
static u64 dropped;
static struct spinlock lock = SPINLOCK_INIT("missing"); /* all three */

static u32 hash_of(const void *key, size_t size)
{
    const u8 *bytes = key;
    u64 h = 0xcbf29ce484222325ull; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        h = (h ^ bytes[i]) * 0x100000001b3ull;
    return (u32)(h >> 32);
}

/* Where the row of that key is, or could be; NULL: there is no room. */
static struct row **row_find_locked(const struct row *key, u32 hash)
{
    for (u32 i = 0; i < PROBES; i++) {
        struct row **r = &rows[(hash + i) % ROWS];
        if (!*r || memcmp(*r, key, KEY_BYTES) == 0)
            return r;
    }
    return NULL;
}

/* Counts a new row if it can have one. */
static bool add_locked(struct row **at, const struct row *key, u8 *of_program)
{
    struct row *r = at && *of_program < PROGRAM_ROWS ? kmalloc(sizeof *r) : NULL;
    if (!r) {
        dropped++;
        return false;
    }
    *r = *key;
    r->times = 1;
    *at = r;
    ++*of_program;
    return true;
}

static bool count(const struct row *key)
{
    bool fresh = false;
    u32 hash = hash_of(key, KEY_BYTES);
    u8 *of_program = &program_rows[hash_of(key->program, sizeof key->program) % ROWS];
    spin_lock(&lock);
    struct row **at = row_find_locked(key, hash);
    if (at && *at)
        (*at)->times++;
    else
        fresh = add_locked(at, key, of_program);
    spin_unlock(&lock);
    return fresh;
}

struct words { char call[24], what[sizeof((struct row *)0)->path]; };

static void describe(const struct row *r, struct words *w)
{
    const char *name = lx_syscall_name(r->call);
    if (name)
        str_copy(w->call, name, sizeof w->call);
    else
        format(w->call, sizeof w->call, "%u", r->call);
    if (r->kind == DETAIL)
        format(w->what, sizeof w->what, "0x%lx", r->what);
    else
        str_copy(w->what, r->kind == FILE_NAME ? r->path : "-", sizeof w->what);
}

static void note(struct row *key)
{
    struct words w;
    struct process *p = process_current();
    if (!p) /* the kernel itself, at the start */
        return;
    str_copy(key->program, p->name, sizeof key->program);
    if (!count(key))
        return;
    describe(key, &w);
    kdebug("%d %s: %s%s%s is not there: error %d", p->pid, p->name, w.call, key->kind == ABSENT_CALL ? "" : " ",
           key->kind == ABSENT_CALL ? "" : w.what, -key->answer);
}

static u32 current_call(void) { return (u32)thread_user_frame(thread_current())->error; }

long lx_missing(u64 what, long answer)
{
    struct row key = { .call = current_call(), .what = what, .answer = (i16)answer, .kind = DETAIL };
    note(&key);
    return answer;
}

long lx_missing_call(u64 nr)
{
    struct row key = { .call = (u32)nr, .answer = -ENOSYS, .kind = ABSENT_CALL };
    note(&key);
    return -ENOSYS;
}

/* Behind "/proc/": the number of a process that is there becomes "PID". What a process has many of (descriptors,
 * threads) comes and goes, and so do processes: that is nobody's lack. */
static bool proc_name(const char *rest, char *out, size_t size)
{
    size_t digits = 0;
    int pid = 0;
    for (; digits < 9 && rest[digits] >= '0' && rest[digits] <= '9'; digits++)
        pid = pid * 10 + (rest[digits] - '0');
    bool numbered = digits > 0 && (rest[digits] == '/' || !rest[digits]);
    const char *below = numbered ? rest + digits : strncmp(rest, "self/", 5) == 0 ? rest + 4 : NULL;
    if (below && (strncmp(below, "/fd", 3) == 0 || strncmp(below, "/task/", 6) == 0 || strncmp(below, "/map_files/", 11) == 0))
        return false;
    struct process *p = numbered ? process_find(pid) : NULL;
    if (numbered && !p)
        return false;
    if (p)
        kobject_put(&p->obj);
    format(out, size, "/proc/%s%s", numbered ? "PID" : "", numbered ? below : rest);
    return true;
}

static bool starts(const char *path, const char *with) { return strncmp(path, with, strlen(with)) == 0; }

long lx_missing_file(const char *path, long answer)
{
    static const char *const changing[] = { "/dev/pts/", "/dev/shm/", "/dev/mqueue/", "/dev/fd/" };
    struct row key = { .call = current_call(), .answer = (i16)answer, .kind = FILE_NAME };
    if (starts(path, "/proc/")) {
        if (!proc_name(path + 6, key.path, sizeof key.path))
            return answer;
    } else if (starts(path, "/sys/") || starts(path, "/dev/")) {
        str_copy(key.path, path, sizeof key.path);
    } else {
        return answer;
    }
    for (size_t i = 0; i < ARRAY_SIZE(changing); i++)
        if (starts(path, changing[i]))
            return answer;
    note(&key);
    return answer;
}

/* A name may hold anything: what would break a line or a column is written in octal, as in /proc/mounts. */
static void print_name(struct proc_text *t, const char *s)
{
    for (; *s; s++)
        if (*s > ' ' && *s < 127 && *s != '\\')
            proc_append(t, s, 1);
        else
            proc_printf(t, "\\%03o", (u8)*s);
}

/* A line each: program, times, error number, call, detail; tabs between them. */
int proc_compat(struct proc_text *t, const struct proc_key *k)
{
    struct words w;
    for (unsigned i = 0; i < ROWS; i++) {
        struct row r = { .times = 0 };
        spin_lock(&lock);
        if (rows[i])
            r = *rows[i];
        spin_unlock(&lock);
        if (r.times == 0)
            continue;
        describe(&r, &w);
        print_name(t, r.program);
        proc_printf(t, "\t%lu\t%d\t%s\t", r.times, -r.answer, w.call);
        print_name(t, w.what);
        proc_printf(t, "\n");
    }
    u64 lost = __atomic_load_n(&dropped, __ATOMIC_RELAXED);
    if (lost)
        proc_printf(t, "-\t%lu\t0\t-\t-\n", lost);
    return 0;
}
