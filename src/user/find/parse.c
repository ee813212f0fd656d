/* find: from the words of the expression to its tree. See find.h. */
#include "find.h"

#include "../lib/dates.h"
#include "../lib/modes.h"
#include "../lib/util.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static char **word;
static bool acts; /* some action is named: -print is not meant besides */

static const struct node *either(void);

static char *next_word(const char *of)
{
    if (!*word)
        wrong(of, "something is missing behind it");
    return *word++;
}

static struct node *node_new(fits_fn *fits)
{
    struct node *n = calloc(1, sizeof *n);
    if (!n)
        die("find");
    n->fits = fits;
    return n;
}

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
    while (*word && strcmp(*word, ";") != 0 &&
           !(strcmp(*word, "+") == 0 && word > n->argv && strcmp(word[-1], "{}") == 0))
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
    static const struct { const char *name; fits_fn *fits; char kind; } simple[] = {
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

const struct node *parse_expression(char **words)
{
    word = words;
    const struct node *expression = *word ? either() : NULL;
    if (*word)
        wrong(*word, "is left over");
    if (acts)
        return expression;
    struct node *print = node_new(do_print), *both_of = node_new(fits_and);
    print->letter = '\n';
    both_of->a = expression, both_of->b = print;
    return expression ? both_of : print;
}
