/* What the two archive readers share. Pure. */
#pragma once
#include "vfs/initrd.h"

#define ARCHIVE_ERROR_MAX 128

/* Strips leading "/" and "./" and trailing "/". False: a component is "..", or a NUL is inside. */
bool archive_clean_path(const char **path, size_t *len);
/* "KIND: WHAT at offset N"; returns -EINVAL. */
int archive_damaged(char error[ARCHIVE_ERROR_MAX], const char *kind, const char *what, u64 offset);
