/* What the boot loader said, kept for drivers. Written once, before any driver runs. */
#include "dev/boot_device.h"
#include "dev/cmdline.h"
#include "lib/string.h"

static struct boot_fb fb;
static u8 rsdp[BOOT_RSDP_MAX];
static unsigned rsdp_len;
static char words[BOOT_CMDLINE_MAX + 1]; /* one more: the last word's terminator always fits */
static size_t words_len;

void boot_device_set(const struct bootinfo *bi)
{
    fb = bi->fb;
    rsdp_len = MIN(bi->rsdp_len, (unsigned)BOOT_RSDP_MAX);
    memcpy(rsdp, bi->rsdp, rsdp_len);
    words_len = cmdline_split(words, sizeof(words), bi->cmdline);
}

const struct boot_fb *boot_fb(void) { return &fb; }

const void *boot_rsdp(unsigned *len)
{
    *len = rsdp_len;
    return rsdp_len ? rsdp : NULL;
}

const char *boot_option_nth(const char *key, unsigned i)
{
    return cmdline_find(words, words_len, key, i);
}

const char *boot_option(const char *key)
{
    const char *last = NULL, *value;
    for (unsigned i = 0; (value = boot_option_nth(key, i)); i++)
        last = value;
    return last;
}
