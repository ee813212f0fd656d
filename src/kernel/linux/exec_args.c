/* Argument and environment strings on their way into a new program: one buffer, strings one after
 * the other. */
#include "linux/exec_priv.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

#define FIRST_SIZE 4096ul

static int args_grow(struct exec_args *a)
{
    size_t size = a->size ? a->size * 2 : FIRST_SIZE;
    if (size > EXEC_STRINGS_MAX)
        return -E2BIG;
    char *p = krealloc(a->strings, size);
    if (!p)
        return -ENOMEM;
    a->strings = p;
    a->size = size;
    return 0;
}

static int args_add(struct exec_args *a, const char *s)
{
    size_t n = strlen(s) + 1;
    while (a->size - a->len < n) {
        int r = args_grow(a);
        if (r)
            return r;
    }
    memcpy(a->strings + a->len, s, n);
    a->len += n;
    return 0;
}

static int args_add_user(struct exec_args *a, uptr_t s)
{
    for (;;) {
        size_t room = a->size - a->len;
        long n = room ? strncpy_from_user(a->strings + a->len, s, room) : -ENAMETOOLONG;
        if (n >= 0) {
            a->len += (size_t)n + 1;
            return (size_t)n < EXEC_STRING_MAX ? 0 : -E2BIG;
        }
        if (n != -ENAMETOOLONG)
            return (int)n;
        if (room > EXEC_STRING_MAX)
            return -E2BIG;
        int r = args_grow(a);
        if (r)
            return r;
    }
}

/* A NULL vector counts as empty, as on Linux. */
static int vector_from_user(struct exec_args *a, uptr_t vector, unsigned *count)
{
    for (; vector; vector += sizeof(u64)) {
        u64 p;
        int r = copy_from_user(&p, vector, sizeof(p));
        if (r)
            return r;
        if (!p)
            break;
        r = args_add_user(a, uptr(p));
        if (r)
            return r;
        ++*count;
    }
    return 0;
}

static int vector_from_kernel(struct exec_args *a, const char *const v[], unsigned *count)
{
    for (; v && *v; v++) {
        int r = args_add(a, *v);
        if (r)
            return r;
        ++*count;
    }
    return 0;
}

/* Programs take argv[0] for granted: an empty argv becomes one empty string (Linux since 5.18). */
static int argv_finish(struct exec_args *a)
{
    if (a->argc)
        return 0;
    a->argc = 1;
    return args_add(a, "");
}

int exec_args_from_user(struct exec_args *a, uptr_t argv, uptr_t envp)
{
    *a = (struct exec_args){ 0 };
    int r = args_grow(a);
    if (!r)
        r = vector_from_user(a, argv, &a->argc);
    if (!r)
        r = argv_finish(a);
    if (!r)
        r = vector_from_user(a, envp, &a->envc);
    if (r)
        exec_args_free(a);
    return r;
}

int exec_args_from_kernel(struct exec_args *a, const char *const argv[], const char *const envp[])
{
    *a = (struct exec_args){ 0 };
    int r = args_grow(a);
    if (!r)
        r = vector_from_kernel(a, argv, &a->argc);
    if (!r)
        r = argv_finish(a);
    if (!r)
        r = vector_from_kernel(a, envp, &a->envc);
    if (r)
        exec_args_free(a);
    return r;
}

void exec_args_free(struct exec_args *a)
{
    kfree(a->strings);
    *a = (struct exec_args){ 0 };
}

static int script_args_build(struct exec_args *to, const struct exec_args *from, const struct script *s,
                             const char *script_path)
{
    size_t skip = strlen(from->strings) + 1;
    int r = args_add(to, s->interp);
    if (!r && s->has_arg)
        r = args_add(to, s->arg);
    if (!r)
        r = args_add(to, script_path);
    while (!r && to->size - to->len < from->len - skip)
        r = args_grow(to);
    if (r)
        return r;
    memcpy(to->strings + to->len, from->strings + skip, from->len - skip);
    to->len += from->len - skip;
    to->argc = from->argc - 1 + 2 + s->has_arg;
    to->envc = from->envc;
    return 0;
}

int exec_args_for_script(struct exec_args *a, const struct script *s, const char *script_path)
{
    struct exec_args fresh = { 0 };
    int r = script_args_build(&fresh, a, s, script_path);
    exec_args_free(r ? &fresh : a);
    if (!r)
        *a = fresh;
    return r;
}
