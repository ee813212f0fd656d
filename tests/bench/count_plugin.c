/* A plugin for QEMU that counts how often each block of guest code ran, for tests/bench/profile.
 *
 * Debian has no header of the plugin interface in a package; what is used of its version 1
 * (include/qemu/qemu-plugin.h) is declared here. Blocks are counted in line, without a call. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define BLOCKS (1u << 20) /* a power of two; far more than a boot and a test translate */

struct qemu_plugin_tb;
typedef uint64_t plugin_id;
enum { INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*fn)(plugin_id id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *ptr, uint64_t imm);
void qemu_plugin_register_atexit_cb(plugin_id id, void (*fn)(plugin_id id, void *data), void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

EXPORT int qemu_plugin_version = 1;

/* The same code may be translated many times; it keeps its counter. insns 0: free. */
struct block { uint64_t address, insns, runs; };

static struct block *blocks;
static char *out_path;

static struct block *block_find(uint64_t address, uint64_t insns)
{
    uint64_t hash = (address ^ insns << 40) * 0x9e3779b97f4a7c15ull; /* Fibonacci hashing */
    for (uint64_t i = hash >> 44;; i++) {
        struct block *b = &blocks[i % BLOCKS];
        if (!b->insns)
            *b = (struct block){ .address = address, .insns = insns };
        if (b->address == address && b->insns == insns)
            return b;
    }
}

static void on_translation(plugin_id id, struct qemu_plugin_tb *tb)
{
    struct block *b = block_find(qemu_plugin_tb_vaddr(tb), qemu_plugin_tb_n_insns(tb));
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &b->runs, 1);
}

static void on_end(plugin_id id, void *data)
{
    (void)id, (void)data;
    FILE *f = fopen(out_path, "w");
    for (unsigned i = 0; f && i < BLOCKS; i++)
        if (blocks[i].runs)
            fprintf(f, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", blocks[i].address, blocks[i].insns, blocks[i].runs);
    if (f)
        fclose(f);
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    (void)info;
    if (argc != 1 || strncmp(argv[0], "out=", 4) != 0)
        return -1;
    out_path = strdup(argv[0] + 4);
    blocks = calloc(BLOCKS, sizeof *blocks);
    if (!out_path || !blocks)
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, on_end, NULL);
    return 0;
}
