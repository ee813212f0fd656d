/* find: walk directories and do something with what fits. The expression becomes a tree; each file is
 * put through it. POSIX, XCU, find. */
#include "find.h"

#include "../lib/dates.h"
#include "../lib/inside.h"
#include "../lib/modes.h"
#include "../lib/util.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <grp.h>
#include <pwd.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct node {
    bool (*fits)(const struct node *n, const struct item *at);
    const struct node *a, *b; /* of ! -a -o */
    const char *text;
    long long number;
    int sign; /* -1: less than, 0: exactly, 1: more than */
    char letter;
    char **argv; /* of -exec; up to the ';' or '+' */
    int argc;
    mode_t mode;
    unsigned long long device; /* and number: the file of -samefile */
    struct timespec time;
    regex_t regex;
};

static char **word;
static bool acts, depth_first, one_device, pruned, quit, follow_named, follow_all;
static uint64_t depth_min, depth_max = UINT64_MAX;
static int status;
static time_t now; /* what ages are counted from; -daystart: the end of this day */

static const struct node *either(void);

void wrong(const char *what, const char *why)
{
    warn_text(what, why);
    exit(1);
}

static char *next_word(const char *of)
{
    if (!*word)
        wrong(of, "something is missing behind it");
    return *word++;
}

static struct node *node_new(bool (*fits)(const struct node *, const struct item *))
{
    struct node *n = calloc(1, sizeof *n);
    if (!n)
        die("find");
    n->fits = fits;
    return n;
}

/* ---- what a file may be asked ---- */

static bool fits_and(const struct node *n, const struct item *at) { return n->a->fits(n->a, at) && n->b->fits(n->b, at); }
static bool fits_both(const struct node *n, const struct item *at) { n->a->fits(n->a, at); return n->b->fits(n->b, at); }
static bool fits_or(const struct node *n, const struct item *at) { return n->a->fits(n->a, at) || n->b->fits(n->b, at); }
static bool fits_not(const struct node *n, const struct item *at) { return !n->a->fits(n->a, at); }
static bool fits_always(const struct node *n, const struct item *at) { return (void)at, n->number; }

static bool fits_name(const struct node *n, const struct item *at)
{
    return fnmatch(n->text, base_name(at->path), n->letter == 'i' ? FNM_CASEFOLD : 0) == 0;
}

static bool fits_target(const struct node *n, const struct item *at)
{
    char target[4096];
    ssize_t len = S_ISLNK(at->st.st_mode) ? readlink(at->path, target, sizeof target - 1) : -1;
    if (len < 0)
        return false;
    target[len] = 0;
    return fnmatch(n->text, target, 0) == 0;
}

static bool fits_path(const struct node *n, const struct item *at)
{
    return fnmatch(n->text, at->path, n->letter == 'i' ? FNM_CASEFOLD : 0) == 0;
}

static bool fits_type(const struct node *n, const struct item *at)
{
    static const struct { char letter; mode_t kind; } kinds[] = {
        { 'f', S_IFREG }, { 'd', S_IFDIR }, { 'l', S_IFLNK }, { 'p', S_IFIFO }, { 's', S_IFSOCK }, { 'c', S_IFCHR },
        { 'b', S_IFBLK },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if ((at->st.st_mode & S_IFMT) == kinds[i].kind)
            return strchr(n->text, kinds[i].letter) != NULL;
    return false;
}

static bool compares(const struct node *n, long long value)
{
    return n->sign < 0 ? value < n->number : n->sign > 0 ? value > n->number : value == n->number;
}

static bool fits_size(const struct node *n, const struct item *at)
{
    long long unit = n->letter == 'c' ? 1 : n->letter == 'k' ? 1024 : n->letter == 'M' ? 1 << 20
                   : n->letter == 'G' ? 1 << 30 : 512;
    return compares(n, (at->st.st_size + unit - 1) / unit);
}

static bool fits_links(const struct node *n, const struct item *at) { return compares(n, (long long)at->st.st_nlink); }
static bool fits_inum(const struct node *n, const struct item *at) { return compares(n, (long long)at->st.st_ino); }
static bool fits_uid(const struct node *n, const struct item *at) { return compares(n, at->st.st_uid); }
static bool fits_gid(const struct node *n, const struct item *at) { return compares(n, at->st.st_gid); }

/* The whole path must match. */
static bool fits_regex(const struct node *n, const struct item *at)
{
    regmatch_t match;
    return regexec(&n->regex, at->path, 1, &match, 0) == 0 && match.rm_so == 0 && !at->path[match.rm_eo];
}

static bool fits_user(const struct node *n, const struct item *at) { return at->st.st_uid == (uid_t)n->number; }
static bool fits_group(const struct node *n, const struct item *at) { return at->st.st_gid == (gid_t)n->number; }

static bool fits_nobody(const struct node *n, const struct item *at)
{
    return n->letter == 'u' ? !getpwuid(at->st.st_uid) : !getgrgid(at->st.st_gid);
}

static bool fits_access(const struct node *n, const struct item *at)
{
    return access(at->path, n->letter == 'r' ? R_OK : n->letter == 'w' ? W_OK : X_OK /* 'e' */) == 0;
}

static bool fits_same(const struct node *n, const struct item *at)
{
    return at->st.st_ino == (ino_t)n->number && at->st.st_dev == (dev_t)n->device;
}

static bool fits_time(const struct node *n, const struct item *at)
{
    const struct timespec *t = n->text[1] == 'm' ? &at->st.st_mtim : n->text[1] == 'a' ? &at->st.st_atim : &at->st.st_ctim;
    return compares(n, (now - t->tv_sec) / (n->letter == 'm' ? 60 : 86400));
}

static bool fits_newer(const struct node *n, const struct item *at)
{
    const struct timespec *t = n->letter == 'a' ? &at->st.st_atim : n->letter == 'c' ? &at->st.st_ctim : &at->st.st_mtim;
    return t->tv_sec > n->time.tv_sec || (t->tv_sec == n->time.tv_sec && t->tv_nsec > n->time.tv_nsec);
}

static bool fits_perm(const struct node *n, const struct item *at)
{
    mode_t mode = at->st.st_mode & 07777;
    return n->letter == '-' ? (mode & n->mode) == n->mode : n->letter == '/' ? !n->mode || mode & n->mode : mode == n->mode;
}

static bool fits_empty(const struct node *n, const struct item *at)
{
    (void)n;
    if (S_ISREG(at->st.st_mode))
        return at->st.st_size == 0;
    DIR *dir = S_ISDIR(at->st.st_mode) ? opendir(at->path) : NULL;
    bool empty = dir != NULL;
    for (struct dirent *e; dir && (e = readdir(dir));)
        empty &= strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
    if (dir)
        closedir(dir);
    return empty;
}

/* ---- what may be done ---- */

static bool do_print(const struct node *n, const struct item *at)
{
    fputs(at->path, stdout);
    putchar(n->letter);
    return true;
}

static bool do_printf(const struct node *n, const struct item *at) { return print_format(n->text, at), true; }
static bool do_list(const struct node *n, const struct item *at) { return (void)n, print_long(at), true; }
static bool do_prune(const struct node *n, const struct item *at) { return (void)n, (void)at, pruned = true; }
static bool do_quit(const struct node *n, const struct item *at) { return (void)n, (void)at, quit = true; }

static bool do_delete(const struct node *n, const struct item *at)
{
    (void)n;
    if (strcmp(at->path, ".") == 0 || (S_ISDIR(at->st.st_mode) ? rmdir(at->path) : unlink(at->path)) == 0)
        return true;
    warn_errno(at->path);
    status = 1;
    return false;
}

static int run(char **argv)
{
    int raw = -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[0], argv);
        warn_errno(argv[0]);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &raw, 0) < 0)
        die(argv[0]);
    return raw;
}

static char *with_path(const char *text, const char *path)
{
    size_t times = 0;
    for (const char *p = text; (p = strstr(p, "{}")); p += 2)
        times++;
    char *out = malloc(strlen(text) + times * strlen(path) + 1), *to = out;
    if (!out)
        die("find");
    while (*text) {
        if (strncmp(text, "{}", 2) == 0) {
            to = stpcpy(to, path);
            text += 2;
        } else {
            *to++ = *text++;
        }
    }
    *to = 0;
    return out;
}

static bool confirmed(char **argv)
{
    char answer[16] = "";
    fflush(stdout);
    fprintf(stderr, "< %s ... >? ", argv[0]);
    return fgets(answer, sizeof answer, stdin) && (*answer == 'y' || *answer == 'Y');
}

static bool do_exec(const struct node *n, const struct item *at)
{
    char **argv = calloc((size_t)n->argc + 1, sizeof *argv);
    if (!argv)
        die("find");
    for (int i = 0; i < n->argc; i++)
        argv[i] = with_path(n->argv[i], at->path);
    bool good = (n->letter != 'o' || confirmed(argv)) && run(argv) == 0;
    for (int i = 0; i < n->argc; i++)
        free(argv[i]);
    free(argv);
    return good;
}

/* -exec ... + : paths are collected and given to few runs. */
enum { BATCH = 1000 };
static struct batch { const struct node *of; char *path[BATCH]; int n; struct batch *next; } *batches;

static void batch_run(struct batch *b)
{
    char **argv = calloc((size_t)(b->of->argc + b->n + 1), sizeof *argv);
    if (!argv)
        die("find");
    memcpy(argv, b->of->argv, (size_t)b->of->argc * sizeof *argv);
    memcpy(argv + b->of->argc, b->path, (size_t)b->n * sizeof *argv);
    if (b->n && run(argv) != 0)
        status = 1;
    while (b->n > 0)
        free(b->path[--b->n]);
    free(argv);
}

static bool do_exec_batch(const struct node *n, const struct item *at)
{
    struct batch *b = batches;
    while (b && b->of != n)
        b = b->next;
    if (!b) {
        if (!(b = calloc(1, sizeof *b)))
            die("find");
        b->of = n, b->next = batches, batches = b;
    }
    b->path[b->n++] = strdup(at->path);
    if (b->n == BATCH)
        batch_run(b);
    return true;
}

/* ---- from words to the tree ---- */

static void take_number(struct node *n, const char *name, const char *text)
{
    char *end;
    n->sign = *text == '+' ? 1 : *text == '-' ? -1 : 0;
    n->number = strtoll(text + (n->sign != 0), &end, 10);
    n->letter = *end;
    if (end == text + (n->sign != 0) || (*end && end[1]))
        wrong(name, "wants a number");
}

static void take_exec(struct node *n, const char *name)
{
    n->argv = word;
    while (*word && strcmp(*word, ";") != 0 && !(strcmp(*word, "+") == 0 && word > n->argv && strcmp(word[-1], "{}") == 0))
        word++;
    n->argc = (int)(word - n->argv);
    if (!*word || n->argc == 0)
        wrong(name, "its command does not end with ';' or '{} +'");
    if (strcmp(*word, "+") == 0) {
        n->fits = do_exec_batch;
        n->argc--;
    }
    word++;
    n->letter = name[1];
    acts = true;
}

static void take_perm(struct node *n, const char *text)
{
    n->letter = *text == '-' || *text == '/' ? *text : 0;
    mode_t umask_now = umask(0); /* u+w and +w ask for the same here (XCU, find) */
    if (!mode_apply(text + (n->letter != 0), &n->mode))
        wrong(text, "not a mode");
    umask(umask_now);
}

static void take_owner(struct node *n, const char *name, const char *text)
{
    struct passwd *pw = name[1] == 'u' ? getpwnam(text) : NULL;
    struct group *gr = name[1] == 'g' ? getgrnam(text) : NULL;
    uint64_t number;
    if (pw)
        n->number = pw->pw_uid;
    else if (gr)
        n->number = gr->gr_gid;
    else if (parse_u64(text, &number))
        n->number = (long long)number;
    else
        wrong(text, "no such user or group");
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

static const struct node *options_and_rest(const char *name)
{
    static const char *const times[] = { "-mtime", "-atime", "-ctime", "-mmin", "-amin", "-cmin", NULL };
    struct node *n = node_new(fits_always);
    struct stat st;
    n->number = 1;
    if (strcmp(name, "-maxdepth") == 0 || strcmp(name, "-mindepth") == 0) {
        if (!parse_u64(next_word(name), name[2] == 'a' ? &depth_max : &depth_min))
            wrong(name, "wants a number");
    } else if (strcmp(name, "-depth") == 0) {
        depth_first = true;
    } else if (strcmp(name, "-xdev") == 0 || strcmp(name, "-mount") == 0) {
        one_device = true;
    } else if (is_one_of(name, times)) {
        n->fits = fits_time;
        take_number(n, name, next_word(name));
        n->text = name;
        n->letter = name[2] == 'm' ? 'm' : 'd';
    } else if (strcmp(name, "-daystart") == 0) {
        struct tm *tm = localtime(&now);
        tm->tm_hour = tm->tm_min = tm->tm_sec = 0;
        tm->tm_mday++;
        now = mktime(tm);
    } else if (strcmp(name, "-regextype") == 0) {
        regex_choose(next_word(name));
    } else if (strcmp(name, "-newer") == 0 || strcmp(name, "-anewer") == 0 || strcmp(name, "-cnewer") == 0) {
        const char *path = next_word(name);
        n->fits = fits_newer;
        if (stat(path, &st) < 0)
            die(path);
        n->time = st.st_mtim;
        n->letter = name[1];
    } else if (strcmp(name, "-newermt") == 0) {
        const char *date = next_word(name);
        n->fits = fits_newer;
        if (!date_parse(date, &n->time))
            wrong(date, "not a date");
    } else if (strcmp(name, "-samefile") == 0) {
        const char *path = next_word(name);
        n->fits = fits_same;
        if (stat(path, &st) < 0)
            die(path);
        n->number = (long long)st.st_ino;
        n->device = st.st_dev;
    } else {
        wrong(name, "no such test or action");
    }
    return n;
}

static const struct node *single(void)
{
    static const struct { const char *name; bool (*fits)(const struct node *, const struct item *); char kind; } simple[] = {
        { "-name", fits_name, 't' }, { "-iname", fits_name, 't' }, { "-path", fits_path, 't' }, { "-regex", fits_regex, 'R' }, { "-iregex", fits_regex, 'R' },
        { "-uid", fits_uid, 'n' }, { "-gid", fits_gid, 'n' }, { "-printf", do_printf, 'f' }, { "-ls", do_list, 'l' },
        { "-noleaf", fits_always, '1' }, { "-ipath", fits_path, 't' },
        { "-wholename", fits_path, 't' }, { "-lname", fits_target, 't' }, { "-nouser", fits_nobody, 'u' },
        { "-nogroup", fits_nobody, 'g' }, { "-readable", fits_access, 'r' }, { "-writable", fits_access, 'w' },
        { "-executable", fits_access, 'e' }, { "-type", fits_type, 't' },
        { "-size", fits_size, 'n' }, { "-links", fits_links, 'n' }, { "-inum", fits_inum, 'n' }, { "-perm", fits_perm, 'p' },
        { "-user", fits_user, 'o' }, { "-group", fits_group, 'o' }, { "-empty", fits_empty, 0 }, { "-print", do_print, '\n' },
        { "-print0", do_print, 'z' }, { "-prune", do_prune, 0 }, { "-quit", do_quit, 'a' }, { "-delete", do_delete, 'a' },
        { "-exec", do_exec, 'x' }, { "-ok", do_exec, 'x' }, { "-true", fits_always, '1' }, { "-false", fits_always, 0 },
    };
    const char *name = next_word("the expression");
    size_t i = 0;
    if (strcmp(name, "!") == 0 || strcmp(name, "-not") == 0) {
        struct node *n = node_new(fits_not);
        n->a = single();
        return n;
    }
    if (strcmp(name, "(") == 0) {
        const struct node *n = either();
        if (strcmp(next_word("("), ")") != 0)
            wrong("(", "a ')' is missing");
        return n;
    }
    while (i < sizeof simple / sizeof *simple && strcmp(name, simple[i].name) != 0)
        i++;
    if (i == sizeof simple / sizeof *simple)
        return options_and_rest(name);
    struct node *n = node_new(simple[i].fits);
    switch (simple[i].kind) {
    case 't':
        n->text = next_word(name);
        n->letter = name[1];
        if (n->fits == fits_type && n->text[strspn(n->text, "fdlpscb,")])
            wrong(n->text, "no such type");
        break;
    case 'n': take_number(n, name, next_word(name)); break;
    case 'p': take_perm(n, next_word(name)); break;
    case 'o': take_owner(n, name, next_word(name)); break;
    case 'x': take_exec(n, name); break;
    case 'R': regex_take(&n->regex, next_word(name), name[1] == 'i'); break;
    case 'f': n->text = next_word(name); acts = true; break;
    case 'l': acts = true; break;
    case '\n': n->letter = '\n'; acts = true; break;
    case 'z': acts = true; break;
    case 'a': acts = true; depth_first |= n->fits == do_delete; break;
    case '1': n->number = 1; break;
    default: n->letter = simple[i].kind; break;
    }
    return n;
}

static const struct node *both(void)
{
    const struct node *a = single();
    while (*word && strcmp(*word, ")") != 0 && strcmp(*word, "-o") != 0 && strcmp(*word, "-or") != 0 &&
           strcmp(*word, ",") != 0) {
        if (strcmp(*word, "-a") == 0 || strcmp(*word, "-and") == 0)
            word++;
        struct node *n = node_new(fits_and);
        n->a = a;
        n->b = single();
        a = n;
    }
    return a;
}

static const struct node *alternatives(void)
{
    const struct node *a = both();
    while (*word && (strcmp(*word, "-o") == 0 || strcmp(*word, "-or") == 0)) {
        word++;
        struct node *n = node_new(fits_or);
        n->a = a;
        n->b = both();
        a = n;
    }
    return a;
}

/* A , B: both are done, B's answer counts. */
static const struct node *either(void)
{
    const struct node *a = alternatives();
    while (*word && strcmp(*word, ",") == 0) {
        word++;
        struct node *n = node_new(fits_both);
        n->a = a;
        n->b = alternatives();
        a = n;
    }
    return a;
}

/* ---- the walk ---- */

static void walk(const struct node *expression, const char *path, uint64_t depth, dev_t device);

static void walk_inside(const struct node *expression, const struct item *at, dev_t device)
{
    struct inside in;
    if (inside_read(at->path, &in) < 0) {
        warn_errno(at->path);
        status = 1;
        return;
    }
    for (size_t i = 0; i < in.n && !quit; i++)
        walk(expression, in.paths[i], at->depth + 1, device);
    inside_free(&in);
}

static void walk(const struct node *expression, const char *path, uint64_t depth, dev_t device)
{
    static const char *root;
    root = depth == 0 ? path : root;
    struct item at = { .path = path, .root = root, .depth = depth };
    bool follow = follow_all || (follow_named && depth == 0);
    if ((!follow || stat(path, &at.st) < 0) && lstat(path, &at.st) < 0) {
        warn_errno(path);
        status = 1;
        return;
    }
    if (depth == 0)
        device = at.st.st_dev;
    bool asked = depth >= depth_min;
    pruned = false;
    if (asked && !depth_first)
        expression->fits(expression, &at);
    bool enter = S_ISDIR(at.st.st_mode) && !pruned && depth < depth_max && !(one_device && at.st.st_dev != device);
    if (enter && !quit)
        walk_inside(expression, &at, device);
    if (asked && depth_first && !quit)
        expression->fits(expression, &at);
}

int main(int argc, char **argv)
{
    static char *here[] = { ".", NULL };
    tool_init(argv, "usage: find [-H] [-L] [PATH...] [EXPRESSION]\n"
                    "Walk directories; print what fits, or do what the expression says.\n"
                    "Tests: -name -iname -path -ipath -lname PATTERN, -regex -iregex EXPRESSION, -type fdlpscb, -size N[ckMG], -empty, -links N, -inum N, -perm MODE,\n"
                    "-user -group NAME, -uid -gid N, -nouser -nogroup,\n"
                    "-newer -anewer -cnewer FILE, -newermt DATE, -samefile FILE, -readable -writable -executable, -mtime -atime -ctime DAYS, -mmin -amin -cmin MINUTES (+N: more, -N: less)\n"
                    "Actions: -print -print0 -printf FORMAT -ls -prune -delete -quit, -exec COMMAND {} ';', -exec COMMAND {} +, -ok COMMAND ';'\n"
                    "FORMAT: %p path, %f name, %h above it, %P below the start, %s size, %k KiB, %y kind, %m %M mode, %n links,\n"
                    "%u %U owner, %g %G group, %i inode, %l link, %d depth, %t %a %c times, %TY %T@ one by strftime(3); \\n \\t \\0\n"
                    "Together: A B, A -o B, A , B, ! A, ( A ). Everywhere: -maxdepth N, -mindepth N, -depth, -xdev, -daystart,\n"
                    "-regextype posix-basic posix-extended\n");
    int i = 1;
    for (; i < argc && (strcmp(argv[i], "-H") == 0 || strcmp(argv[i], "-L") == 0 || strcmp(argv[i], "-P") == 0); i++)
        follow_named = argv[i][1] == 'H', follow_all = argv[i][1] == 'L';
    char **paths = argv + i;
    int npaths = 0;
    while (paths[npaths] && paths[npaths][0] != '-' && strcmp(paths[npaths], "!") != 0 && strcmp(paths[npaths], "(") != 0)
        npaths++;
    word = paths + npaths;
    now = time(NULL);
    const struct node *expression = *word ? either() : NULL;
    if (*word)
        wrong(*word, "is left over");
    if (!acts) {
        struct node *print = node_new(do_print), *both_of = node_new(fits_and);
        print->letter = '\n';
        both_of->a = expression, both_of->b = print;
        expression = expression ? both_of : print;
    }
    if (npaths == 0)
        paths = here, npaths = 1;
    for (i = 0; i < npaths && !quit; i++)
        walk(expression, paths[i], 0, 0);
    for (struct batch *b = batches; b; b = b->next)
        batch_run(b);
    return flush_output() | status;
}
