/* See modes.h. */
#include "modes.h"

#include <stdlib.h>
#include <string.h>

/* The bits one letter stands for, in all three places at once. */
static mode_t bits_of(char letter, mode_t mode)
{
    switch (letter) {
    case 'r': return 0444;
    case 'w': return 0222;
    case 'x': return 0111;
    case 'X': return S_ISDIR(mode) || mode & 0111 ? 0111 : 0;
    case 's': return 06000;
    case 't': return 01000;
    case 'u': return (mode >> 6 & 7) * 0111;
    case 'g': return (mode >> 3 & 7) * 0111;
    case 'o': return (mode & 7) * 0111;
    default: return 0;
    }
}

static mode_t whose(const char **p)
{
    mode_t who = 0;
    for (; **p && strchr("ugoa", **p); (*p)++)
        who |= **p == 'u' ? 04700 : **p == 'g' ? 02070 : **p == 'o' ? 01007 : 07777;
    return who;
}

/* One of the parts between commas: [ugoa...]([+-=][perms])... False when it is none. */
static bool apply_part(const char **p, mode_t *mode, mode_t umask_now)
{
    mode_t who = whose(p), mask = who ? who : 07777 & ~umask_now;
    if (!**p || !strchr("+-=", **p))
        return false;
    while (**p && strchr("+-=", **p)) {
        char how = *(*p)++;
        mode_t bits = 0;
        for (; **p && strchr("rwxXstugo", **p); (*p)++)
            bits |= bits_of(**p, *mode);
        bits &= mask;
        if (how == '=')
            *mode &= ~((who ? who : 07777) & 07777 & ~(S_ISDIR(*mode) ? 06000u : 0));
        *mode = how == '-' ? *mode & ~bits : *mode | bits;
    }
    return true;
}

void mode_letters(mode_t mode, char out[10])
{
    for (int i = 0; i < 9; i++)
        out[i] = mode & (0400u >> i) ? "rwxrwxrwx"[i] : '-';
    for (int i = 0; i < 3; i++) /* set-uid, set-gid, sticky */
        if (mode & (04000u >> i))
            out[2 + 3 * i] = out[2 + 3 * i] == 'x' ? "sst"[i] : "SST"[i];
    out[9] = 0;
}

bool mode_apply(const char *p, mode_t *mode)
{
    mode_t umask_now = umask(0);
    umask(umask_now);
    if (*p >= '0' && *p <= '7') {
        char *end;
        unsigned long value = strtoul(p, &end, 8);
        *mode = (*mode & ~07777u) | (mode_t)value;
        return !*end && value <= 07777;
    }
    do {
        if (!apply_part(&p, mode, umask_now))
            return false;
    } while (*p == ',' && p++);
    return !*p;
}
