/* The shell's contract with itself.
 *
 *   text -> lexer -> parser -> struct node (tree) -> exec -> expand -> fork, execve, builtins
 *
 * Words stay raw text, quotes and all, until the moment a command runs; only expand.c knows what a
 * quote means. Trees live in the arena of the text they came from; what an expansion yields lives in
 * the scratch arena, which exec_simple.c rewinds after every command. */
#pragma once
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* ---- memory (memory.c) ---- */

struct arena_chunk;
struct arena {
    struct arena_chunk *head;
    size_t used;
};
struct arena_mark {
    struct arena_chunk *chunk;
    size_t used;
};
struct buffer {
    char *data; /* always ends in a NUL once anything was added */
    size_t len, cap;
};

void *xmalloc(size_t size);
char *xstrdup(const char *text);
void *arena_alloc(struct arena *arena, size_t size);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);
void arena_free(struct arena *arena);
void buffer_add(struct buffer *buffer, char c);
void buffer_append(struct buffer *buffer, const char *text, size_t len);
void buffer_free(struct buffer *buffer);

/* ---- trees (parser.c) ---- */

struct word {
    struct word *next;
    const char *text;
};

enum redir_op { REDIR_IN, REDIR_OUT, REDIR_CLOBBER, REDIR_APPEND, REDIR_RDWR, REDIR_DUP_IN, REDIR_DUP_OUT, REDIR_HERE };

struct redir {
    struct redir *next;
    enum redir_op op;
    int fd;
    const char *target; /* a raw word; for REDIR_HERE the body */
    bool literal;       /* REDIR_HERE: the delimiter was quoted, so nothing expands */
};

enum node_kind {
    NODE_SIMPLE,     /* assigns, words */
    NODE_PIPE,       /* left | right */
    NODE_AND,        /* left && right */
    NODE_OR,         /* left || right */
    NODE_SEQUENCE,   /* left ; right: right may be a sequence, left is none */
    NODE_BACKGROUND, /* left & */
    NODE_NOT,        /* ! left */
    NODE_SUBSHELL,   /* ( left ) */
    NODE_GROUP,      /* { left } */
    NODE_IF,         /* if left; then right; else other */
    NODE_WHILE,      /* while left; do right */
    NODE_UNTIL,
    NODE_FOR,      /* for name in words; do right */
    NODE_CASE,     /* case name in items */
    NODE_FUNCTION, /* name() text */
};

struct case_item {
    struct case_item *next;
    struct word *patterns;
    struct node *body; /* NULL: nothing to do */
};

struct node {
    enum node_kind kind;
    struct node *left, *right, *other;
    struct word *words, *assigns;
    struct redir *redirs;
    struct case_item *items;
    const char *name;
    const char *text; /* the source, for `jobs` and function bodies; may be NULL */
    bool has_in;      /* NODE_FOR: without `in` it walks "$@" */
    int line;
};

enum parse_result { PARSE_OK, PARSE_EMPTY, PARSE_INCOMPLETE, PARSE_ERROR };

struct parser;
struct node *tree_copy(struct arena *arena, const struct node *node);

/* Reads one complete command line from text at *pos (moved behind it). PARSE_INCOMPLETE: more text
 * could complete it. PARSE_ERROR: a message was printed, unless quiet. */
enum parse_result parse_line(struct arena *arena, const char *name, const char *text, size_t *pos, int *line,
                             bool more_may_come, struct node **out);

/* ---- lexer.c ---- */

enum token_kind {
    TOKEN_WORD,
    TOKEN_NEWLINE,
    TOKEN_END,
    TOKEN_IO_NUMBER,
    TOKEN_OPERATOR,
};

struct token {
    enum token_kind kind;
    const char *text; /* word, operator or digits, in the arena */
    size_t start;     /* where in the source; for what an alias gave, where the alias stood */
    bool alias_may_follow; /* the alias before it ended in a blank: XCU 2.3.1 */
};

/* An alias being read: what stands behind its name waits below. */
struct alias_input {
    struct alias_input *below;
    const char *name, *outer_text;
    size_t outer_pos, start;
};

struct parser {
    struct arena *arena;
    const char *name, *text;
    size_t pos;
    struct alias_input *aliases; /* text and pos are inside the topmost */
    int line;
    bool more_may_come, incomplete, failed, quiet; /* quiet: an error is only noted */
    struct token token;
    bool have_token;
    struct redir *pending_here[16]; /* here-documents whose bodies start after the next newline */
    bool here_strip[16];
    unsigned npending;
    unsigned depth;
};

enum { NESTING_MAX = 1000 }; /* of commands and substitutions: a text must not overflow the stack */

void lexer_next(struct parser *parser);
/* Replaces the word just read by its alias; false: there is none, or it is being replaced already. */
bool lexer_try_alias(struct parser *parser);
void lexer_leave_aliases(struct parser *parser);
void lexer_read_here_documents(struct parser *parser); /* whose bodies begin here */
size_t lexer_source_pos(const struct parser *parser, size_t pos);
void parser_fail(struct parser *parser, const char *what);
/* Called by the lexer behind "$(": moves pos behind the closing parenthesis. */
void parser_skip_substitution(struct parser *parser);
/* The place after a quoted or substituted piece that starts at pos, in a word known to be complete. */
size_t lexer_skip_piece(const char *text, size_t pos);
/* Behind "${": ${x#pattern} and its like, where quotes count even inside "..." (XCU 2.6.2). */
bool braces_have_pattern(const char *text);
bool lexer_is_arithmetic(const char *text); /* at a "$((": is it one that ends in "))"? */

/* ---- variables (vars.c) ---- */

void vars_init(char **environ);
const char *var_get(const char *name);
bool var_set(const char *name, const char *value); /* false, with a message: read-only */
bool var_unset(const char *name);
void var_export(const char *name);
void var_make_readonly(const char *name);
void vars_print(bool exported_only, bool readonly_only, const char *prefix);
char **vars_environ(struct arena *arena);
const char *var_name_at(int index); /* for completion, of those that are set; NULL behind the last */
bool name_is_valid(const char *text, size_t len);
size_t name_length(const char *text);
void print_quoted(const char *text);
void var_scope_enter(void);
void var_scope_leave(void);
void var_scope_unwind(void);
bool var_make_local(const char *name);
void options_make_local(void); /* `local -` */

/* ---- expansion ---- */

enum { EXPAND_FIELDS = 1, EXPAND_PATTERN = 2 };

struct fields {
    char **items; /* NULL-terminated */
    size_t count, cap;
};

void expand_words(const struct word *words, struct fields *out);
char *expand_single(const char *text);  /* no splitting, no globbing: assignments, redirections */
char *expand_pattern(const char *text); /* quoted characters come out escaped, for fnmatch */
char *expand_here(const char *text);    /* here-document body */
char *expand_quoted_braces(const char *text); /* the word of "${x=word}": quotes in it may end and begin again */
long arith_eval(const char *text);      /* arith.c; aborts the command on a bad expression */

/* ---- state (run.c) ---- */

/* In the order `set -o` lists them. */
enum option {
    OPT_ERREXIT, OPT_NOGLOB, OPT_IGNOREEOF, OPT_INTERACTIVE, OPT_MONITOR, OPT_NOEXEC, OPT_STDIN, OPT_XTRACE,
    OPT_VERBOSE, OPT_NOCLOBBER, OPT_ALLEXPORT, OPT_NOTIFY, OPT_NOUNSET, OPT_HASHALL, NOPTIONS
};

enum flow { FLOW_NONE, FLOW_BREAK, FLOW_CONTINUE, FLOW_RETURN };

struct params {
    char **argv; /* $1.. at index 0, owned */
    int argc;
};

struct function;

struct shell {
    const char *name; /* $0 */
    struct params params;
    int status;       /* $? */
    int trap_status;  /* in a trap's action $? as it was before, else -1: what `exit` leaves with */
    pid_t pid;        /* $$ */
    pid_t last_async; /* $! */
    bool interactive, monitor;
    bool opt[NOPTIONS];
    int command_depth; /* above zero: below `command`, where no builtin's error ends the shell */
    bool in_subshell;
    int condition_depth; /* above zero errexit sleeps: we are inside an if, while, && or ! */
    int loop_depth, function_depth, source_depth;
    enum flow flow;
    int flow_count;
    int line;
    int subst_status; /* of the last command substitution in this command; -1: none */
    struct arena scratch;
    sigjmp_buf top;
    bool top_valid;
    int tty_fd;
    pid_t pgid;
};

extern struct shell shell;
extern volatile sig_atomic_t shell_interrupted;
pid_t shell_fork(void);         /* the child starts with SIGINT blocked, */
void child_signals_on(void);    /* until child_init calls this */

void shell_exit(int status) __attribute__((noreturn));
/* Gives up the running command: to the prompt when interactive, else the shell ends. */
void shell_abort(int status) __attribute__((noreturn));
void shell_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
int shell_run_text(const char *name, const char *text);
int shell_run_last(const char *name, const char *text); /* likewise, and this process has nothing to do afterwards */
bool shell_run_file(const char *path, int *status); /* false, with a message: it cannot be read */
const char *prompt_text(bool more); /* scratch; more: the second line of a command and on */
void repl_run(void); /* until the end of standard input; repl.c */
void params_set(struct params *params, char **argv, int argc);
void params_free(struct params *params);

/* ---- exec ---- */

enum { EXEC_NOFORK = 1 }; /* this process has nothing to do afterwards */

int exec_node(const struct node *node, int flags);
/* Runs text with standard output into a pipe; the output, without trailing newlines, is scratch. */
char *exec_capture(const char *text, size_t len);
int exec_external(char **argv, bool fork_first);
/* Replaces this process; a status when that failed. path: where it was last time, or NULL. */
int exec_replace(const char *path, char **argv);
/* The first file in PATH of that name that may be used so (X_OK: run, R_OK: read); scratch, or NULL. */
char *path_find(const char *name, int may);
const char *path_cache_find(const char *name); /* a program by PATH, remembered; NULL: none, or a name with a slash */
void path_cache_clear(void);
void directory_init(void);
const char *directory_current(void); /* by the name it was reached by */
void child_init(bool foreground, pid_t pgid);

struct saved_fds { int count; }; /* starts as 0 */
int redirs_apply(const struct redir *redirs, struct saved_fds *saved); /* 0 or -1 with a message */
void redirs_restore(struct saved_fds *saved);
void redirs_keep(struct saved_fds *saved); /* they stay: what was there before is closed */
void redirs_restore_all(void);
void redirs_forget(void); /* in a child: what its parent redirected is its own state */

struct function *function_find(const char *name);
int function_call(struct function *function, char **argv);
void function_define(const char *name, const struct node *body);
bool function_unset(const char *name);
const char *function_name_at(int index); /* for completion; NULL behind the last */

/* ---- jobs.c ---- */

struct job;
void jobs_init(void);
struct job *job_create(const char *text);
void job_add_process(struct job *job, pid_t pid);
pid_t job_pgid(const struct job *job);
int job_wait_foreground(struct job *job); /* status of the last process; frees an ended job */
void job_put_background(struct job *job);
struct job *job_find(const char *spec, const char *who); /* %n %% %+ %- %text %?text; NULL with a message */
bool job_signal(struct job *job, int signo);             /* false, with a message */
bool jobs_running(void);
void jobs_notify(void);
void jobs_forget(void);
int builtin_jobs(char **argv), builtin_fg(char **argv), builtin_bg(char **argv), builtin_wait(char **argv),
    builtin_kill(char **argv);

/* ---- options.c, alias.c ---- */

bool option_set_letter(char letter, bool on); /* false: there is no such option */
bool option_set_name(const char *name, bool on);
void options_letters(char *out); /* $-; room for NOPTIONS + 1 */
const char *alias_value(const char *name); /* NULL: no alias; valid until aliases change */
const char *alias_name_at(int index);      /* for completion; NULL behind the last */

/* ---- builtins ---- */

struct builtin {
    const char *name;
    int (*run)(char **argv);
    bool special; /* POSIX: assignments stay, redirection errors end a script */
    const char *help;
};

const struct builtin *builtin_find(const char *name);
extern const struct builtin builtins[];
/* What a special builtin returns for an error: a script ends (XCU 2.8.1), an interactive line is given up. */
int builtin_fatal(int status);
int builtin_alias(char **argv), builtin_unalias(char **argv), builtin_hash(char **argv), builtin_ulimit(char **argv),
    builtin_command(char **argv), builtin_type(char **argv), builtin_echo(char **argv);
int builtin_trap(char **argv), builtin_fc(char **argv), builtin_set(char **argv), builtin_read(char **argv),
    builtin_help(char **argv), builtin_getopts(char **argv), builtin_umask(char **argv),
    builtin_times(char **argv), builtin_cd(char **argv), builtin_pwd(char **argv);

/* ---- traps.c ---- */

void traps_init(void);
int traps_pending(void); /* a signal whose action waits to be run; 0: none */
void traps_run_pending(void);
void traps_run_exit(void);
bool traps_any(void); /* one is set: the process must live on to run it */
void traps_reset_in_child(void);
bool trap_is_ignored(int signo);
int signal_from_name(const char *name); /* -1: no such signal */
const char *signal_name(int signo);
