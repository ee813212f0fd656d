/* Directory records (linux/dirent.h, fs/readdir's two layouts). Both are padded to 8 bytes; the
 * old one carries the type in its last byte. */
#pragma once
#include "lib/types.h"

struct lx_dirent64 { u64 ino; i64 off; u16 reclen; u8 type; char name[]; } PACKED;
struct lx_dirent { u64 ino; i64 off; u16 reclen; char name[]; } PACKED;
_Static_assert(sizeof(struct lx_dirent64) == 19, "d_name of dirent64 is at 19");
_Static_assert(sizeof(struct lx_dirent) == 18, "d_name of the old dirent is at 18");

enum { LX_DT_UNKNOWN, LX_DT_FIFO, LX_DT_CHR, LX_DT_DIR = 4, LX_DT_BLK = 6, LX_DT_REG = 8, LX_DT_LNK = 10, LX_DT_SOCK = 12 };
