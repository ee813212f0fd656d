/* Sources: src/kernel/linux/stack.c */
#include "tests/unit/host.h"
#include "linux/stack.h"
#include <stdlib.h>
#include <string.h>

static const u8 random_bytes[16] = "0123456789abcde";
static const struct auxv aux[] = { { LX_AT_PAGESZ, 4096 }, { LX_AT_ENTRY, 0x401000 } };

static struct stack_spec spec_make(const char *strings, size_t len, unsigned argc, unsigned envc)
{
    return (struct stack_spec){ .top = 0x7ffffffff000, .strings = strings, .strings_len = len, .argc = argc,
                                .envc = envc, .execfn = "/bin/prog", .random = random_bytes, .auxv = aux, .nauxv = 2 };
}

/* A program's view: address -> pointer into the image. */
static const char *at(const u8 *image, const struct stack_layout *l, u64 addr)
{
    assert_true(addr >= l->sp && addr < l->sp + l->size);
    return (const char *)image + (addr - l->sp);
}

static u64 aux_find(const u64 *a, u64 type)
{
    for (; a[0]; a += 2)
        if (a[0] == type)
            return a[1];
    fail();
    return 0;
}

static void as_a_program_sees_it(void **state)
{
    static const char s[] = "prog\0-x\0\0A=1\0B=";
    struct stack_spec spec = spec_make(s, sizeof s, 3, 2);
    struct stack_layout l;
    assert_true(stack_layout_make(&spec, &l));
    assert_int_equal(l.sp % 16, 0);
    assert_int_equal(l.sp + l.size, spec.top);
    u8 *image = malloc(l.size);
    stack_image_write(&spec, &l, image);
    const u64 *w = (const u64 *)image;
    assert_int_equal(w[0], 3);
    assert_string_equal(at(image, &l, w[1]), "prog");
    assert_string_equal(at(image, &l, w[2]), "-x");
    assert_string_equal(at(image, &l, w[3]), "");
    assert_int_equal(w[4], 0);
    assert_string_equal(at(image, &l, w[5]), "A=1");
    assert_string_equal(at(image, &l, w[6]), "B=");
    assert_int_equal(w[7], 0);
    const u64 *a = w + 8;
    assert_int_equal(l.auxv, l.sp + 64);
    assert_int_equal(aux_find(a, LX_AT_PAGESZ), 4096);
    assert_string_equal(at(image, &l, aux_find(a, LX_AT_PLATFORM)), "x86_64");
    assert_string_equal(at(image, &l, aux_find(a, LX_AT_EXECFN)), "/bin/prog");
    assert_memory_equal(at(image, &l, aux_find(a, LX_AT_RANDOM)), random_bytes, 16);
    assert_int_equal(a[2 * (l.nauxv - 1)], LX_AT_NULL);
    assert_int_equal(w[1], l.arg_start);
    assert_int_equal(w[5], l.env_start);
    assert_int_equal(l.arg_end, l.env_start);
    assert_int_equal(l.env_end - l.env_start, 7);
    free(image);
}

/* Alignment holds for every number of arguments and every string length. */
static void always_aligned(void **state)
{
    static char s[4096];
    for (unsigned argc = 0; argc < 20; argc++) {
        for (unsigned extra = 0; extra < 33; extra++) {
            memset(s, 0, sizeof s);
            memset(s, 'x', extra);
            struct stack_spec spec = spec_make(s, argc ? extra + argc : 0, argc, 0);
            struct stack_layout l;
            assert_true(stack_layout_make(&spec, &l));
            assert_int_equal(l.sp % 16, 0);
            u8 *image = malloc(l.size);
            stack_image_write(&spec, &l, image);
            assert_int_equal(*(u64 *)image, argc);
            free(image);
        }
    }
}

static void broken_strings_are_refused(void **state)
{
    struct stack_layout l;
    struct stack_spec few = spec_make("a\0b", 4, 3, 0), many = spec_make("a\0b", 4, 1, 0), open = spec_make("ab", 2, 1, 0);
    assert_false(stack_layout_make(&few, &l));
    assert_false(stack_layout_make(&many, &l));
    assert_false(stack_layout_make(&open, &l));
    struct stack_spec low = spec_make("a", 2, 1, 0);
    low.top = 128;
    assert_false(stack_layout_make(&low, &l));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_a_program_sees_it), cmocka_unit_test(always_aligned), cmocka_unit_test(broken_strings_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
