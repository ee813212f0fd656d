/* Basic types and annotations used by every room. Pure: compiles on the host. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t i8;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;
typedef long ssize_t_k; /* byte count or -errno; same shape as Linux's ssize_t */

typedef u64 paddr_t;       /* physical byte address */
typedef uintptr_t vaddr_t; /* virtual byte address */

/* A pointer into user memory. Only vm/usercopy opens it: the struct has one byte so that
 * arithmetic works, and no member anybody could want. */
struct user_byte { char opaque; };
typedef struct user_byte *uptr_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096ul
#define PAGE_MASK (~(PAGE_SIZE - 1))

#define MUST_CHECK __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))
#define PACKED __attribute__((packed))
#define ALIGNED(n) __attribute__((aligned(n)))
#define UNUSED __attribute__((unused))
#define NOINLINE __attribute__((noinline))
#define ALWAYS_INLINE inline __attribute__((always_inline)) /* where each caller makes another function of it */
/* A variable of zeroes that nobody touches once process 1 was started (init/image_trim.c). */
#define BOOT_ONLY __attribute__((section(".bss.boot_only")))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
/* n is a power of two. Neither checks for wrap-around: the caller does. */
#define ROUND_DOWN(x, n) ((x) & ~((typeof(x))(n) - 1))
#define ROUND_UP(x, n) (((x) + (typeof(x))(n) - 1) & ~((typeof(x))(n) - 1))
#define IS_ALIGNED(x, n) (((x) & ((typeof(x))(n) - 1)) == 0)
