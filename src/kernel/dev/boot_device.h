/* What drivers may know of the boot: the framebuffer, the ACPI root pointer, command line words.
 * Set once by init before any driver runs. */
#pragma once
#include "lib/bootinfo.h"

void boot_device_set(const struct bootinfo *bi);
const struct boot_fb *boot_fb(void);
const void *boot_rsdp(unsigned *len); /* NULL if none */
/* Value of key=value on the kernel command line, "" for a bare key, NULL if absent; the last one
 * wins. Words behind "--" do not count. The text lives as long as the kernel. */
const char *boot_option(const char *key);
/* The i-th value of a repeated key (console=), NULL behind the last. */
const char *boot_option_nth(const char *key, unsigned i);
