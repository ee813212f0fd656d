/* The mem and str functions of C, freestanding. Meanings as in ISO C / POSIX. */
#pragma once
#include "lib/types.h"

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);

/* Copies at most size-1 bytes and always terminates (size > 0).
 * Returns strlen(src): a result >= size says that it was cut. */
size_t str_copy(char *dst, const char *src, size_t size);

/* The compiler knows these although it may not use a C library: what has a small constant size needs
 * no call. (Not on the host, whose own headers declare them.) */
#if !__STDC_HOSTED__
#define memcpy(dst, src, n) __builtin_memcpy(dst, src, n)
#define memset(dst, c, n) __builtin_memset(dst, c, n)
#endif
