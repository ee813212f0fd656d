/* Sources: src/kernel/linux/mmap_check.c */
#include "tests/unit/host.h"
#include "lib/errno.h"
#include "linux/mmap_check.h"
#include "vm/aspace.h"

#define ANON(f) { .len = 4096, .prot = 3, .flags = LX_MAP_ANONYMOUS | (f) }

static int check(struct mmap_request rq)
{
    struct mmap_plan plan;
    return mmap_check(&rq, &plan);
}

static void types(void **state)
{
    assert_int_equal(check((struct mmap_request)ANON(LX_MAP_PRIVATE)), 0);
    assert_int_equal(check((struct mmap_request)ANON(LX_MAP_SHARED)), 0);
    assert_int_equal(check((struct mmap_request)ANON(0)), -EINVAL);
    assert_int_equal(check((struct mmap_request)ANON(LX_MAP_SHARED_VALIDATE)), -EINVAL);
    assert_int_equal(check((struct mmap_request)ANON(LX_MAP_PRIVATE | LX_MAP_HUGETLB)), -ENOMEM);
}

static void lengths(void **state)
{
    struct mmap_request rq = ANON(LX_MAP_PRIVATE);
    rq.len = 0;
    assert_int_equal(check(rq), -EINVAL);
    rq.len = UINT64_MAX;
    assert_int_equal(check(rq), -ENOMEM);
    rq.len = 1;
    rq.offset = 1;
    assert_int_equal(check(rq), -EINVAL);
    rq = (struct mmap_request)ANON(LX_MAP_PRIVATE | LX_MAP_FIXED);
    rq.addr = 0x1001;
    assert_int_equal(check(rq), -EINVAL);
}

static void files(void **state)
{
    struct mmap_plan plan;
    struct mmap_request rq = { .len = 1, .prot = LX_PROT_READ, .flags = LX_MAP_SHARED, .is_file = true, .file_read = true };
    assert_int_equal(mmap_check(&rq, &plan), 0);
    assert_int_equal(plan.size, 4096);
    assert_int_equal(plan.may, VM_READ | VM_EXEC);
    rq.prot |= LX_PROT_WRITE;
    assert_int_equal(check(rq), -EACCES);
    rq.flags = LX_MAP_PRIVATE;
    assert_int_equal(mmap_check(&rq, &plan), 0);
    assert_int_equal(plan.may, VM_READ | VM_WRITE | VM_EXEC);
    assert_int_equal(plan.flags & VM_SHARED, 0);
    rq.file_read = false;
    assert_int_equal(check(rq), -EACCES);
    rq.file_read = true;
    rq.offset = 0x7ffffffffffff000;
    assert_int_equal(check(rq), -EOVERFLOW);
    rq.offset = 0;
    rq.flags = LX_MAP_SHARED_VALIDATE | LX_MAP_SYNC;
    rq.prot = LX_PROT_READ;
    assert_int_equal(check(rq), -EOPNOTSUPP);
}

static void prot_implies_read(void **state)
{
    assert_int_equal(mmap_prot(0), 0);
    assert_int_equal(mmap_prot(LX_PROT_WRITE), VM_READ | VM_WRITE);
    assert_int_equal(mmap_prot(LX_PROT_EXEC), VM_READ | VM_EXEC);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(types), cmocka_unit_test(lengths), cmocka_unit_test(files), cmocka_unit_test(prot_implies_read) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
