/* Sources: src/kernel/linux/elf.c src/kernel/linux/script.c */
#include "tests/unit/host.h"
#include "arch/paging.h"
#include "lib/errno.h"
#include "linux/elf.h"
#include "linux/script.h"
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct image { Elf64_Ehdr e; Elf64_Phdr p[20]; u8 rest[0x3000]; };
static struct image img;
#define FILE_SIZE sizeof(img)

/* The shapes of the first program this kernel's ancestor ran: three segments, two in one page. */
static void image_make(void)
{
    memset(&img, 0, sizeof img);
    memcpy(img.e.e_ident, "\177ELF\2\1\1", 7);
    img.e.e_type = ET_EXEC;
    img.e.e_machine = EM_X86_64;
    img.e.e_version = 1;
    img.e.e_entry = 0x1001010;
    img.e.e_phoff = sizeof img.e;
    img.e.e_phentsize = sizeof(Elf64_Phdr);
    img.e.e_phnum = 3;
    img.p[0] = (Elf64_Phdr){ PT_LOAD, PF_R, 0, 0x1000000, 0, 0x130, 0x130, 0x1000 };
    img.p[1] = (Elf64_Phdr){ PT_LOAD, PF_R | PF_X, 0x1000, 0x1001000, 0, 0x62, 0x62, 0x1000 };
    img.p[2] = (Elf64_Phdr){ PT_LOAD, PF_R | PF_W, 0x1100, 0x1001100, 0, 0x1c, 0x2000, 0x1000 };
}

static int plan_bytes(const u8 *file, u64 size, struct elf_plan *plan, const char **why)
{
    struct elf_header h;
    int r = elf_header_parse(file, MIN(size, 256), size, &h, why);
    return r ? r : elf_plan_make(&h, file + h.phoff, size, plan, why);
}

static int setup(void **state) { image_make(); return 0; }

static void good_image(void **state)
{
    struct elf_plan plan;
    const char *why = NULL;
    assert_int_equal(plan_bytes((u8 *)&img, FILE_SIZE, &plan, &why), 0);
    assert_int_equal(plan.nsegments, 3);
    assert_int_equal(plan.entry, 0x1001010);
    assert_int_equal(plan.low, 0x1000000);
    assert_int_equal(plan.high, 0x1004000);
    assert_int_equal(plan.segment[2].offset, 0x1100);
    assert_int_equal(plan.segment[2].rights, ELF_READ | ELF_WRITE);
    assert_int_equal(plan.phdr_vaddr, 0x1000040);
    assert_false(plan.relocatable || plan.exec_stack || plan.interp_size);
}

/* The plan is a copy: the file may change under it. */
static void plan_survives_the_source(void **state)
{
    struct elf_plan before, after;
    const char *why;
    assert_int_equal(plan_bytes((u8 *)&img, FILE_SIZE, &before, &why), 0);
    after = before;
    memset(&img, 0xdd, sizeof img);
    assert_memory_equal(&before, &after, sizeof before);
}

static void bss_only_and_empty_segments(void **state)
{
    struct elf_plan plan;
    const char *why;
    img.p[2] = (Elf64_Phdr){ PT_LOAD, PF_R | PF_W, 0, 0x1002000, 0, 0, 0x5000, 0x1000 };
    img.p[3] = (Elf64_Phdr){ PT_LOAD, PF_R, 0, 0, 0, 0, 0, 0 };
    img.p[3].p_vaddr = 0x400000;
    img.p[4] = (Elf64_Phdr){ PT_GNU_STACK, PF_R | PF_W | PF_X, 0, 0, 0, 0, 0, 16 };
    img.e.e_phnum = 5;
    assert_int_equal(plan_bytes((u8 *)&img, FILE_SIZE, &plan, &why), 0);
    assert_int_equal(plan.nsegments, 3);
    assert_int_equal(plan.segment[2].memsz, 0x5000);
    assert_true(plan.exec_stack);
}

#define MAX64 0xffffffffffffffffull
struct hostile { const char *what; size_t at, size; u64 value; };
#define EH(f, v) { #f " = " #v, offsetof(struct image, e.f), sizeof img.e.f, v }
#define PH(n, f, v) { "p[" #n "]." #f " = " #v, offsetof(struct image, p[n].f), sizeof img.p[0].f, v }
static const struct hostile hostile[] = {
    EH(e_ident[0], 0), EH(e_ident[4], 1), EH(e_ident[5], 2), EH(e_ident[6], 0), EH(e_type, ET_REL),
    EH(e_type, ET_CORE), EH(e_machine, EM_386), EH(e_version, 2), EH(e_phentsize, 32), EH(e_phnum, 0),
    EH(e_phnum, 65535), EH(e_phnum, 65), EH(e_phoff, MAX64), EH(e_phoff, MAX64 - 100), EH(e_phoff, FILE_SIZE),
    EH(e_phoff, FILE_SIZE - 100), EH(e_entry, 0), EH(e_entry, 0x1000000), EH(e_entry, 0x1001062),
    EH(e_entry, MAX64), PH(1, p_filesz, 0x63), PH(1, p_filesz, MAX64), PH(1, p_memsz, MAX64),
    PH(1, p_memsz, 0x61), PH(2, p_memsz, MAX64 - 0x1001100), PH(2, p_memsz, USER_TOP),
    PH(2, p_offset, 0x1101), PH(2, p_offset, 0x100000100), PH(2, p_offset, MAX64 - 0xeff),
    PH(2, p_vaddr, 0xffff800000000100), PH(2, p_vaddr, 0x0000800000000100), PH(2, p_vaddr, MAX64 - 0xeff),
    PH(0, p_vaddr, 0), PH(0, p_vaddr, 0x1001000), PH(0, p_vaddr, 0x2000000), PH(0, p_memsz, 0x1001),
    PH(0, p_align, 3), PH(2, p_align, MAX64), PH(0, p_type, PT_INTERP),
};

static void hostile_table(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
        const struct hostile *h = &hostile[i];
        struct elf_plan plan;
        const char *why = NULL;
        image_make();
        if (h->at == offsetof(struct image, p[0].p_type))
            img.p[0].p_filesz = 5000; /* an interpreter's name that long */
        memcpy((u8 *)&img + h->at, &h->value, h->size);
        if (plan_bytes((u8 *)&img, FILE_SIZE, &plan, &why) != -ENOEXEC || !why)
            fail_msg("accepted: %s", h->what);
    }
}

static void too_many_segments(void **state)
{
    struct elf_plan plan;
    const char *why;
    for (unsigned i = 0; i < 17; i++)
        img.p[i] = (Elf64_Phdr){ PT_LOAD, PF_R | PF_X, 0, 0x1000000 + i * 0x1000, 0, 0x100, 0x100, 0x1000 };
    img.e.e_phnum = 16;
    img.e.e_entry = 0x1000000;
    assert_int_equal(plan_bytes((u8 *)&img, FILE_SIZE, &plan, &why), 0);
    img.e.e_phnum = 17;
    assert_int_equal(plan_bytes((u8 *)&img, FILE_SIZE, &plan, &why), -ENOEXEC);
}

static void every_truncation(void **state)
{
    for (u64 size = 0; size < 0x1100 + 0x1c; size++) {
        struct elf_plan plan;
        const char *why;
        u8 *exact = malloc(size + 1);
        memcpy(exact, &img, size);
        exact = realloc(exact, size ? size : 1);
        assert_int_equal(plan_bytes(exact, size, &plan, &why), -ENOEXEC);
        free(exact);
    }
}

static void relocatable(void **state)
{
    struct elf_plan plan;
    const char *why;
    img.e.e_type = ET_DYN;
    for (int i = 0; i < 3; i++)
        img.p[i].p_vaddr -= 0x1000000;
    img.e.e_entry -= 0x1000000;
    img.p[1].p_align = 0x200000;
    assert_int_equal(plan_bytes((u8 *)&img, FILE_SIZE, &plan, &why), 0);
    assert_true(plan.relocatable);
    assert_int_equal(plan.low, 0);
    assert_int_equal(plan.align, 0x200000);
    img.p[2].p_vaddr = ELF_SPAN_MAX + 0x100;
    assert_int_equal(plan_bytes((u8 *)&img, FILE_SIZE, &plan, &why), -ENOEXEC);
}

static void plan_is_sane(const struct elf_plan *p, u64 file_size)
{
    u64 at = 0;
    bool entry = false;
    assert_true(p->nsegments >= 1 && p->nsegments <= ELF_LOADS_MAX);
    for (unsigned i = 0; i < p->nsegments; i++) {
        const struct elf_segment *s = &p->segment[i];
        assert_true(s->vaddr >= at && s->memsz && s->filesz <= s->memsz);
        assert_true(s->vaddr + s->memsz > s->vaddr && s->vaddr + s->memsz <= USER_TOP);
        assert_true(s->offset + s->filesz <= file_size && s->offset + s->filesz >= s->offset);
        assert_true(s->vaddr % 4096 == s->offset % 4096);
        entry |= (s->rights & ELF_EXEC) && p->entry >= s->vaddr && p->entry < s->vaddr + s->memsz;
        at = s->vaddr + s->memsz;
    }
    assert_true(entry && p->low <= p->segment[0].vaddr && p->high >= at && p->high - at < 4096);
    assert_true(p->align >= 4096 && (p->align & (p->align - 1)) == 0);
    assert_true(p->interp_size <= 256 && p->interp_offset + p->interp_size <= file_size);
}

static u64 rnd(u64 *s)
{
    *s ^= *s << 13, *s ^= *s >> 7, *s ^= *s << 17;
    return *s;
}

static void mutation_fuzz(void **state)
{
    static const u64 nasty[] = { 0, 1, 0xfff, 0x1000, 0x7fffffffffff, 0x800000000000, MAX64, MAX64 - 0xfff, 1ull << 63, USER_TOP };
    u64 seed = getenv("SEED") ? strtoull(getenv("SEED"), NULL, 0) : 0x5eed5eed;
    print_message("seed %#lx\n", (unsigned long)seed);
    unsigned accepted = 0;
    for (int round = 0; round < 100000; round++) {
        image_make();
        img.e.e_type = rnd(&seed) % 4 ? ET_EXEC : ET_DYN;
        for (u64 n = 1 + rnd(&seed) % 4; n; n--) {
            size_t at = rnd(&seed) % (sizeof img.e + 3 * sizeof img.p[0] - 8);
            u64 v = rnd(&seed) % 2 ? nasty[rnd(&seed) % ARRAY_SIZE(nasty)] : rnd(&seed);
            if (rnd(&seed) % 2)
                at &= ~7ul;
            memcpy((u8 *)&img + at, &v, rnd(&seed) % 3 ? 8 : 1 + rnd(&seed) % 7);
        }
        struct elf_plan plan;
        const char *why = NULL;
        u64 size = rnd(&seed) % 8 ? FILE_SIZE : rnd(&seed) % FILE_SIZE;
        int r = plan_bytes((u8 *)&img, size, &plan, &why);
        assert_true(r == 0 || (r == -ENOEXEC && why));
        if (!r) {
            plan_is_sane(&plan, size);
            accepted++;
        }
    }
    print_message("accepted %u of 100000\n", accepted);
    assert_true(accepted > 0);
}

/* What the host's own tools make. */
static void host_programs(void **state)
{
    static const char *const flags[] = { "-static -no-pie", "-static-pie", "-pie", "-no-pie" };
    char cmd[256], name[] = "/tmp/elf-test-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        static u8 file[4 << 20];
        struct elf_plan plan;
        const char *why = "";
        snprintf(cmd, sizeof cmd, "echo 'int main(void){return 0;}' | gcc %s -x c - -o %s 2>/dev/null", flags[i], name);
        if (system(cmd))
            continue;
        FILE *f = fopen(name, "rb");
        size_t n = fread(file, 1, sizeof file, f);
        fclose(f);
        assert_int_equal(plan_bytes(file, n, &plan, &why), 0);
        plan_is_sane(&plan, n);
        assert_int_equal(plan.relocatable, i == 1 || i == 2);
        assert_int_equal(plan.interp_size != 0, i >= 2);
        assert_true(plan.phdr_vaddr != 0);
    }
    close(fd);
    unlink(name);
}

static void scripts(void **state)
{
    struct script s;
    assert_int_equal(script_parse("#!/bin/sh\nx", 11, &s), 0);
    assert_string_equal(s.interp, "/bin/sh");
    assert_false(s.has_arg);
    assert_int_equal(script_parse("#! \t/bin/a  -b  c \nx", 20, &s), 0);
    assert_string_equal(s.interp, "/bin/a");
    assert_string_equal(s.arg, "-b  c");
    assert_int_equal(script_parse("#!/bin/x", 8, &s), 0); /* the whole file, no newline */
    assert_string_equal(s.interp, "/bin/x");
    assert_int_equal(script_parse("#!", 2, &s), -ENOEXEC);
    assert_int_equal(script_parse("#!  \n/bin/sh", 12, &s), -ENOEXEC);
    assert_int_equal(script_parse("", 0, &s), -ENOEXEC);
    char longname[256];
    memset(longname, 'a', sizeof longname);
    memcpy(longname, "#!/", 3);
    assert_int_equal(script_parse(longname, 256, &s), -ENOEXEC);
    longname[200] = ' '; /* the name ends, its argument is cut: as Linux */
    assert_int_equal(script_parse(longname, 256, &s), 0);
    assert_int_equal(strlen(s.arg), 55);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(good_image, setup), cmocka_unit_test_setup(plan_survives_the_source, setup),
        cmocka_unit_test_setup(bss_only_and_empty_segments, setup), cmocka_unit_test_setup(hostile_table, setup),
        cmocka_unit_test_setup(too_many_segments, setup), cmocka_unit_test_setup(every_truncation, setup),
        cmocka_unit_test_setup(relocatable, setup), cmocka_unit_test_setup(mutation_fuzz, setup),
        cmocka_unit_test_setup(host_programs, setup), cmocka_unit_test(scripts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
