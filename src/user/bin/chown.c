/* chown: change owner and group, by name or number. */
#include "../lib/inside.h"
#include "../lib/options.h"
#include "../lib/util.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool recursive, not_links, verbose, changes, quiet, follow_named, follow_all; /* -R -h -v -c -f -H -L */
static uid_t owner = (uid_t)-1;
static gid_t group = (gid_t)-1;
static const char *owner_typed, *group_typed;

static void no_such(const char *name, const char *what)
{
    warn_text(name, what);
    exit(1);
}

/* OWNER, OWNER:GROUP, OWNER: (his group) or :GROUP. */
static void take_names(char *names)
{
    char *colon = strchr(names, ':');
    uint64_t number;
    if (colon)
        *colon = 0;
    owner_typed = *names ? names : NULL;
    group_typed = colon && colon[1] ? colon + 1 : NULL;
    struct passwd *pw = *names ? getpwnam(names) : NULL;
    if (pw)
        owner = pw->pw_uid;
    else if (*names && parse_u64(names, &number))
        owner = (uid_t)number;
    else if (*names)
        no_such(names, "no such user");
    if (!colon)
        return;
    struct group *gr = colon[1] ? getgrnam(colon + 1) : NULL;
    if (gr)
        group = gr->gr_gid;
    else if (colon[1] && parse_u64(colon + 1, &number))
        group = (gid_t)number;
    else if (colon[1])
        no_such(colon + 1, "no such group");
    else if (pw)
        group = pw->pw_gid;
}

/* typed: as the user named them, if he did. */
static void put_owner(uid_t user, gid_t members, bool typed)
{
    const struct passwd *pw = getpwuid(user);
    const struct group *gr = getgrgid(members);
    if (typed && owner_typed)
        fputs(owner_typed, stdout);
    else if (pw && owner != (uid_t)-1)
        fputs(pw->pw_name, stdout);
    else if (owner != (uid_t)-1)
        printf("%u", user);
    if (group == (gid_t)-1)
        return;
    if (owner != (uid_t)-1)
        putchar(':');
    if (typed && group_typed)
        fputs(group_typed, stdout);
    else if (gr)
        fputs(gr->gr_name, stdout);
    else
        printf("%u", members);
}

static void say(const char *path, const struct stat *old)
{
    uid_t new_owner = owner == (uid_t)-1 ? old->st_uid : owner;
    gid_t new_group = group == (gid_t)-1 ? old->st_gid : group;
    bool same = new_owner == old->st_uid && new_group == old->st_gid;
    if (!verbose && (!changes || same))
        return;
    const char *what = owner == (uid_t)-1 ? "group" : "ownership";
    printf(same ? "%s of '%s' retained as " : "changed %s of '%s' from ", what, path);
    if (!same) {
        put_owner(old->st_uid, old->st_gid, false);
        fputs(" to ", stdout);
    }
    put_owner(new_owner, new_group, !same);
    putchar('\n');
}

static int change(const char *path, bool named);
static int change_found(const char *path) { return change(path, false); }

static int change(const char *path, bool named)
{
    struct stat st, old;
    int status = 0;
    bool link_itself = not_links || (!named && !follow_all), enter = follow_all || (named && follow_named);
    int flags = link_itself ? AT_SYMLINK_NOFOLLOW : 0;
    if (fstatat(AT_FDCWD, path, &old, flags) < 0 || fchownat(AT_FDCWD, path, owner, group, flags) < 0) {
        if (!quiet)
            warn_errno(path);
        status = 1;
    } else {
        say(path, &old);
    }
    if (!recursive || (enter ? stat : lstat)(path, &st) < 0 || !S_ISDIR(st.st_mode))
        return status;
    return status | each_inside(path, change_found);
}

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    int status = 0;
    static const char letters[] = "RhvcfHLPr:";
    tool_init(argv, "usage: chown [-RhcfvHLP] OWNER[:GROUP] FILE...\n"
                    "       chown [-RhcfvHLP] --reference=OTHER FILE...\n"
                    "Change owner and group. -R: with all inside, -h: of a link, not of what it leads to,\n"
                    "-H: links that are named lead to directories to enter, -L: all links do, -P: none,\n"
                    "-v: say what was done, -c: only of changes, -f: no complaints.\n");
    options_arrange(argc, argv, letters,
                    "recursive=R no-dereference=h verbose=v changes=c quiet=f silent=f reference=r");
    struct stat other;
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == '?')
            die_usage();
        if (c == 'r' && stat(optarg, &other) < 0)
            die(optarg);
        if (strchr("HLP", c))
            have['H'] = have['L'] = false; /* the last one counts */
        have[c] = true;
    }
    recursive = have['R'], not_links = have['h'], verbose = have['v'], changes = have['c'], quiet = have['f'];
    follow_all = inside_follows = have['R'] && have['L'], follow_named = have['R'] && have['H'];
    int index = optind;
    if (argc - index < 2 - have['r'])
        die_usage();
    if (have['r'])
        owner = other.st_uid, group = other.st_gid;
    else
        take_names(argv[index++]);
    for (; index < argc; index++)
        status |= change(argv[index], true);
    return flush_output() | status;
}
