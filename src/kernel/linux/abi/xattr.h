/* Extended attributes (linux/xattr.h, linux/limits.h). */
#pragma once

#define LX_XATTR_CREATE 1u
#define LX_XATTR_REPLACE 2u
#define LX_XATTR_NAME_MAX 255u
#define LX_XATTR_SIZE_MAX 65536u
#define LX_XATTR_LIST_MAX 65536u
