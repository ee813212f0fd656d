/* What head and tail share: counts of lines and bytes, the old way of giving them, names above what was asked. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

bool parse_count(const char *text, uint64_t *out); /* 10, 2k, 1M, 3b (blocks of 512) */
/* head -5 FILE: the first argument becomes -n5. */
void obsolete_count(int *argc, char **argv, char letter);
void heading(const char *path, bool wanted); /* "==> path <==", behind an empty line but the first time */
