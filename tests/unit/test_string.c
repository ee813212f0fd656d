/* Sources: */
/* lib/string.c under other names, beside the host's own. */
#include "tests/unit/host.h"
#include <stdlib.h>
#include <string.h>

#define memcpy k_memcpy
#define memmove k_memmove
#define memset k_memset
#define memcmp k_memcmp
#define memchr k_memchr
#define strlen k_strlen
#define strnlen k_strnlen
#define strcmp k_strcmp
#define strncmp k_strncmp
#define strchr k_strchr
#define strrchr k_strrchr
#include "src/kernel/lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr

static int sign(int v) { return (v > 0) - (v < 0); }

static void test_copies_of_every_small_length(void **state)
{
    u8 src[128], ours[128], theirs[128];
    for (unsigned i = 0; i < sizeof src; i++)
        src[i] = (u8)(i * 7 + 1);
    for (size_t n = 0; n < 80; n++) {
        for (size_t shift = 0; shift < 9; shift++) {
            memset(ours, 0xee, sizeof ours);
            memset(theirs, 0xee, sizeof theirs);
            assert_ptr_equal(k_memcpy(ours + shift, src + 3, n), ours + shift);
            memcpy(theirs + shift, src + 3, n);
            assert_memory_equal(ours, theirs, sizeof ours);
            assert_ptr_equal(k_memset(ours + shift, 0x1a5, n), ours + shift);
            memset(theirs + shift, 0x1a5, n);
            assert_memory_equal(ours, theirs, sizeof ours);
        }
    }
}

static void test_overlapping_moves(void **state)
{
    u8 ours[160], theirs[160];
    for (size_t n = 0; n < 80; n++) {
        for (size_t from = 0; from < 40; from++) {
            for (size_t to = 0; to < 40; to += 1 + (n > 20)) {
                for (unsigned i = 0; i < sizeof ours; i++)
                    ours[i] = theirs[i] = (u8)i;
                k_memmove(ours + to, ours + from, n);
                memmove(theirs + to, theirs + from, n);
                assert_memory_equal(ours, theirs, sizeof ours);
            }
        }
    }
}

static void test_comparisons(void **state)
{
    static const char *const words[] = { "", "a", "ab", "abc", "abcdefgh", "abcdefgi", "abcdefghi", "\xff", "b" };
    for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
        for (unsigned j = 0; j < ARRAY_SIZE(words); j++) {
            const char *a = words[i], *b = words[j];
            assert_int_equal(sign(k_strcmp(a, b)), sign(strcmp(a, b)));
            for (size_t n = 0; n < 12; n++)
                assert_int_equal(sign(k_strncmp(a, b, n)), sign(strncmp(a, b, n)));
            size_t n = MIN(strlen(a), strlen(b));
            assert_int_equal(sign(k_memcmp(a, b, n)), sign(memcmp(a, b, n)));
        }
    }
}

static void test_searches(void **state)
{
    const char *s = "path/to/file";
    assert_int_equal(k_strlen(s), 12);
    assert_int_equal(k_strlen(""), 0);
    assert_int_equal(k_strnlen(s, 5), 5);
    assert_int_equal(k_strnlen(s, 50), 12);
    assert_int_equal(k_strnlen(NULL, 0), 0);
    assert_ptr_equal(k_strchr(s, '/'), s + 4);
    assert_ptr_equal(k_strrchr(s, '/'), s + 7);
    assert_ptr_equal(k_strchr(s, 0), s + 12);
    assert_ptr_equal(k_strrchr(s, 0), s + 12);
    assert_null(k_strchr(s, 'z'));
    assert_null(k_strrchr(s, 'z'));
    assert_ptr_equal(k_memchr(s, 't', 12), s + 2);
    assert_null(k_memchr(s, 't', 2));
    assert_null(k_memchr(s, 't', 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies_of_every_small_length), cmocka_unit_test(test_overlapping_moves),
        cmocka_unit_test(test_comparisons), cmocka_unit_test(test_searches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
