/* Sources: src/kernel/object/slots.c src/kernel/object/kobject.c src/kernel/lib/bitmap.c */
#include "tests/unit/host.h"
#include "lib/errno.h"
#include "object/handle.h"
#include "object/slots.h"
#include <stdlib.h>

static struct kobject thing;

static struct slots slots_new(unsigned cap)
{
    struct slots s;
    slots_init(&s, malloc(slots_bytes(cap)), cap);
    return s;
}

static void lowest_free_first(void **state)
{
    struct slots s = slots_new(64);
    for (int i = 0; i < 64; i++) {
        assert_int_equal(slots_find_free(&s, 0), i);
        slots_set(&s, (unsigned)i, (struct slot){ &thing, 1, 0 });
    }
    assert_int_equal(slots_find_free(&s, 0), 64); /* exists only after growing */
    assert_ptr_equal(slots_take(&s, 7).obj, &thing);
    assert_null(slots_take(&s, 7).obj);
    assert_int_equal(slots_find_free(&s, 0), 7);
    assert_int_equal(slots_find_free(&s, 8), 64);
    assert_int_equal(slots_find_free(&s, 500), 500);
    assert_int_equal(slots_find_free(&s, HANDLES_MAX), -EMFILE);
    free(s.slot);
}

static void full_table_is_emfile(void **state)
{
    struct slots s = slots_new(HANDLES_MAX);
    for (unsigned i = 0; i < HANDLES_MAX; i++)
        slots_set(&s, i, (struct slot){ &thing, 1, 0 });
    assert_int_equal(slots_find_free(&s, 0), -EMFILE);
    assert_int_equal(slots_find_free(&s, HANDLES_MAX - 1), -EMFILE);
    slots_take(&s, HANDLES_MAX - 1);
    assert_int_equal(slots_find_free(&s, 3), HANDLES_MAX - 1);
    free(s.slot);
}

static void grow_keeps_everything(void **state)
{
    assert_int_equal(slots_cap_for(0), 64);
    assert_int_equal(slots_cap_for(63), 64);
    assert_int_equal(slots_cap_for(64), 256);
    assert_int_equal(slots_cap_for(1023), 1024);
    assert_int_equal(slots_cap_for(1024), 4096);
    assert_int_equal(slots_cap_for(HANDLES_MAX - 1), HANDLES_MAX);
    struct slots a = slots_new(64), b = slots_new(256);
    slots_set(&a, 0, (struct slot){ &thing, RIGHT_READ, HANDLE_CLOEXEC });
    slots_set(&a, 63, (struct slot){ &thing, RIGHT_WRITE, 0 });
    slots_copy(&b, &a);
    assert_int_equal(slots_at(&b, 0)->flags, HANDLE_CLOEXEC);
    assert_int_equal(slots_at(&b, 63)->rights, RIGHT_WRITE);
    assert_int_equal(slots_next(&b, 1), 63);
    assert_int_equal(slots_next(&b, 64), -1);
    assert_int_equal(slots_find_free(&b, 63), 64);
    free(a.slot);
    free(b.slot);
}

static void strange_indices(void **state)
{
    struct slots s = slots_new(64);
    assert_null(slots_at(&s, -1));
    assert_null(slots_at(&s, 64));
    assert_null(slots_at(&s, INT32_MAX));
    assert_null(slots_take(&s, INT32_MIN).obj);
    assert_int_equal(slots_next(&s, -5), -1);
    assert_int_equal(slots_next(&s, INT32_MAX), -1);
    free(s.slot);
}

static int destroyed;
static void count_destroy(struct kobject *obj) { destroyed++; }
static const struct kobject_ops ops = { .name = "test", .destroy = count_destroy };

static void references(void **state)
{
    struct kobject o;
    kobject_init(&o, KOBJ_EVENT, &ops);
    assert_int_equal(kobject_count(KOBJ_EVENT), 1);
    kobject_get(&o);
    kobject_put(&o);
    assert_int_equal(destroyed, 0);
    kobject_put(&o);
    assert_int_equal(destroyed, 1);
    assert_int_equal(kobject_count(KOBJ_EVENT), 0);
    kobject_put(NULL);
    EXPECT_PANIC(kobject_get(&o));
    EXPECT_PANIC(kobject_put(&o));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lowest_free_first), cmocka_unit_test(full_table_is_emfile),
        cmocka_unit_test(grow_keeps_everything), cmocka_unit_test(strange_indices),
        cmocka_unit_test(references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
