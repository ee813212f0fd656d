/* trace: shows the system calls of programs, with ptrace(2).
 *
 * main.c    options, starting, the loop over stops      calls.c   one call as a line
 * kinds.c   arguments by kind, as syscalls.tbl has them  names.c   numbers to names
 * summary.c -c: a table at the end */
#pragma once
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct tracee {
    struct tracee *next;
    pid_t pid;
    bool attached;          /* seen its first stop */
    bool in_call, shown;    /* between entry and exit; its line has been begun */
    uint64_t nr, args[6], began_ns;
};

struct options { bool follow, summary, times; size_t string_max; FILE *out; };
extern struct options options;

/* --- names.c --- */
struct name { uint64_t value; const char *name; };
const char *errno_name(int error);
const char *signal_name(int sig); /* "SIGINT"; real-time ones in a buffer of its own */
/* The names of all bits of value, with |; what has none as a number. `zero`: the name for 0. */
void put_flags(const struct name *names, size_t n, uint64_t value, const char *zero);
/* The one name of a value, or the number. */
void put_choice(const struct name *names, size_t n, uint64_t value);
#define ARRAY(a) (a), sizeof(a) / sizeof *(a)

/* --- kinds.c --- */
/* Prints argument `index`, of the kind named by the `len` bytes at kind. result: of the call, or 0. */
void put_argument(const struct tracee *t, const char *kind, size_t len, int index, int64_t result);
void put_quoted(const unsigned char *bytes, size_t n, bool cut);
size_t memory_read(pid_t pid, uint64_t addr, void *to, size_t n); /* bytes got */

/* --- calls.c --- */
void call_entered(struct tracee *t, uint64_t nr, const uint64_t args[6], uint64_t now_ns);
void call_left(struct tracee *t, int64_t result, uint64_t now_ns);
/* A call whose end nobody will see: its thread is gone. */
void call_abandoned(struct tracee *t);
/* A line of another sort about t: ends the line that is open. */
void line_begin(const struct tracee *t);
bool calls_select(const char *list); /* -e; false: no such call */
const char *call_name(uint64_t nr);
extern unsigned tracees; /* how many there are now */

/* --- summary.c --- */
void summary_add(uint64_t nr, uint64_t ns, bool failed);
void summary_put(void);
