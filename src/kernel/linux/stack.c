/* Lays out and writes the first stack; picture in stack.h. */
#include "linux/stack.h"
#include "lib/string.h"

static const char platform[] = "x86_64";
#define RANDOM_BYTES 16
#define AUXV_ADDED 4 /* PLATFORM, RANDOM, EXECFN, NULL */

/* Bytes of the first n strings, or false if there are fewer. */
static bool strings_span(const char *s, size_t len, unsigned n, size_t *span)
{
    size_t at = 0;
    for (unsigned i = 0; i < n; i++) {
        const char *end = at < len ? memchr(s + at, 0, len - at) : NULL;
        if (!end)
            return false;
        at = (size_t)(end - s) + 1;
    }
    *span = at;
    return true;
}

bool stack_layout_make(const struct stack_spec *spec, struct stack_layout *out)
{
    size_t args, envs;
    if (!strings_span(spec->strings, spec->strings_len, spec->argc, &args) ||
        !strings_span(spec->strings + args, spec->strings_len - args, spec->envc, &envs) ||
        args + envs != spec->strings_len)
        return false;
    size_t execfn_size = strlen(spec->execfn) + 1;
    unsigned nauxv = spec->nauxv + AUXV_ADDED;
    u64 tables = 8 * (1 + (u64)spec->argc + 1 + spec->envc + 1) + nauxv * sizeof(struct auxv);
    u64 need = 8 + execfn_size + args + envs + sizeof(platform) + RANDOM_BYTES + tables + 32;
    if (need > spec->top)
        return false;
    *out = (struct stack_layout){ .nauxv = nauxv };
    out->execfn = spec->top - 8 - execfn_size;
    out->env_end = out->execfn;
    out->env_start = out->arg_end = out->env_end - envs;
    out->arg_start = out->arg_end - args;
    out->platform = out->arg_start - sizeof(platform);
    out->random = out->platform - RANDOM_BYTES;
    out->sp = ROUND_DOWN(out->random - tables, 16);
    out->auxv = out->sp + tables - nauxv * sizeof(struct auxv);
    out->size = spec->top - out->sp;
    return true;
}

/* Writes the addresses of n strings that lie at `addr`, then NULL. */
static u64 *pointers_write(u64 *to, const char *s, unsigned n, u64 addr)
{
    for (unsigned i = 0; i < n; i++) {
        *to++ = addr;
        size_t size = strlen(s) + 1;
        s += size;
        addr += size;
    }
    *to++ = 0;
    return to;
}

static void auxv_write(const struct stack_spec *spec, const struct stack_layout *l, struct auxv *to)
{
    memcpy(to, spec->auxv, spec->nauxv * sizeof(*to));
    to += spec->nauxv;
    *to++ = (struct auxv){ LX_AT_PLATFORM, l->platform };
    *to++ = (struct auxv){ LX_AT_RANDOM, l->random };
    *to++ = (struct auxv){ LX_AT_EXECFN, l->execfn };
    *to = (struct auxv){ LX_AT_NULL, 0 };
}

void stack_image_write(const struct stack_spec *spec, const struct stack_layout *l, u8 *image)
{
    memset(image, 0, l->size);
    u64 *words = (u64 *)image;
    *words++ = spec->argc;
    words = pointers_write(words, spec->strings, spec->argc, l->arg_start);
    pointers_write(words, spec->strings + (l->arg_end - l->arg_start), spec->envc, l->env_start);
    auxv_write(spec, l, (struct auxv *)(image + (l->auxv - l->sp)));
    memcpy(image + (l->random - l->sp), spec->random, RANDOM_BYTES);
    memcpy(image + (l->platform - l->sp), platform, sizeof(platform));
    memcpy(image + (l->arg_start - l->sp), spec->strings, spec->strings_len);
    memcpy(image + (l->execfn - l->sp), spec->execfn, strlen(spec->execfn) + 1);
}
