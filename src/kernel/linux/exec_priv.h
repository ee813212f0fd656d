/* The parts of exec. exec_find: a name to a program file; exec_load: the file into an address
 * space; exec_args: argument strings; exec: the order of it all. */
#pragma once
#include "linux/elf.h"
#include "linux/lx.h"
#include "linux/script.h"
#include "linux/stack.h"

#define EXEC_STRINGS_MAX (2ul << 20) /* argument and environment strings together */
#define EXEC_STRING_MAX (128ul << 10) /* one of them: as Linux's MAX_ARG_STRLEN */

/* A file about to run: references to both. */
struct exec_file {
    struct vnode *vnode;
    struct vmo *vmo;
    char head[SCRIPT_HEAD_BYTES];
    size_t head_len;
};

struct exec_plan {
    struct aspace *as;
    struct exec_file file;         /* the ELF program, after all #! */
    struct vnode *exe;             /* file.vnode by lx_exe_get, or NULL */
    struct exec_file interp;       /* its PT_INTERP; vnode NULL: none */
    u64 base, interp_base;         /* added to the addresses in the files */
    u64 entry, sp, brk_start;
    vaddr_t vdso;                  /* 0: none */
    u32 euid, egid;
    bool secure;                   /* set-id changed who we are */
    bool same_places;              /* ADDR_NO_RANDOMIZE, and the program gains no rights */
    bool grants;                   /* it may have more capabilities than its old program */
    struct stack_layout stack;
    unsigned auxv_n;               /* words of auxv */
    /* From here on nothing is cleared at first: all is written before it is read. */
    struct elf_plan elf, interp_elf;
    struct script script;
    char comm[16];
    u64 auxv[48];
};

/* What is to run: path from start (or start itself if path is empty), and the name that the program and
 * its interpreter are told. lost: that name leads nowhere after execve, so it is none for a script. */
struct exec_name { struct vnode *start; const char *path, *shown; bool lost; };

/* Opens by name, or start itself if path is empty; checks that it may be executed. -ENOENT, -EACCES... */
int exec_file_open(const struct walk *w, struct vnode *start, const char *path, struct exec_file *f) MUST_CHECK;
void exec_file_close(struct exec_file *f);
/* Finds the ELF program behind the name, through scripts, changing args for each of them. */
int exec_find(const struct walk *w, const struct exec_name *name, struct exec_args *args,
              struct exec_plan *plan) MUST_CHECK;

/* Who the program will run as: sets euid, egid, secure. */
int exec_identity(struct exec_plan *plan, const struct lx_process *lx) MUST_CHECK;

/* Reads and judges f's headers. */
int exec_elf_read(const struct exec_file *f, struct elf_plan *elf) MUST_CHECK;
/* Maps program and interpreter into plan->as; sets base, interp_base, entry, brk_start. */
int exec_load(struct exec_plan *plan) MUST_CHECK;
/* A number for a place in the address space; 0 with same_places. */
u64 exec_random_below(const struct exec_plan *plan, u64 n);

/* Replaces argv[0] by: interpreter, its argument if any, the script's name. */
int exec_args_for_script(struct exec_args *a, const struct script *s, const char *script_path) MUST_CHECK;

/* exec_prepare for any name (execveat). */
int exec_prepare_named(const struct walk *w, const struct exec_name *name, struct exec_args *args,
                       struct lx_process *lx, struct exec_plan **out) MUST_CHECK;

void lx_vfork_done(struct process *p); /* fork.c: the parent that waits for p may go on */
