/* mount and umount2 (linux/mount.h). */
#pragma once

#define LX_MS_MGC_VAL 0xc0ed0000u
#define LX_MS_MGC_MSK 0xffff0000u
#define LX_MS_NOATIME 1024u
#define LX_MS_NODIRATIME 2048u
#define LX_MS_SILENT 32768u
#define LX_MS_RELATIME (1u << 21)
#define LX_MS_STRICTATIME (1u << 24)
#define LX_MS_LAZYTIME (1u << 25)

#define LX_MNT_FORCE 1u
