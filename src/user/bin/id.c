/* id: who this is, or who somebody is. */
#include "../lib/options.h"
#include "../lib/util.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { GROUPS_MAX = 65536 }; /* Linux's NGROUPS_MAX */
struct identity { uid_t uid, euid; gid_t gid, egid; gid_t *groups; int ngroups; };

static void put_user(const char *label, uid_t uid)
{
    const struct passwd *user = getpwuid(uid);
    printf("%s%u", label, uid);
    if (user)
        printf("(%s)", user->pw_name);
}

static void put_group(const char *label, gid_t gid)
{
    const struct group *group = getgrgid(gid);
    printf("%s%u", label, gid);
    if (group)
        printf("(%s)", group->gr_name);
}

static void put_all(const struct identity *who)
{
    put_user("uid=", who->uid);
    put_group(" gid=", who->gid);
    if (who->euid != who->uid)
        put_user(" euid=", who->euid);
    if (who->egid != who->gid)
        put_group(" egid=", who->egid);
    for (int i = 0; i < who->ngroups; i++)
        put_group(i ? "," : " groups=", who->groups[i]);
    putchar('\n');
}

static void put_id(unsigned id, const char *name)
{
    if (name)
        printf("%s", name);
    else
        printf("%u", id);
}

static void put_gid(gid_t gid, bool named)
{
    const struct group *group = named ? getgrgid(gid) : NULL;
    put_id(gid, group ? group->gr_name : NULL);
}

static void put_uid(uid_t uid, bool named)
{
    const struct passwd *user = named ? getpwuid(uid) : NULL;
    put_id(uid, user ? user->pw_name : NULL);
}

/* The effective group comes first and only once, as everybody's id has it. */
static struct identity ourselves(void)
{
    struct identity who = { getuid(), geteuid(), getgid(), getegid(), calloc(GROUPS_MAX + 1, sizeof(gid_t)), 1 };
    int n = who.groups ? getgroups(GROUPS_MAX, who.groups + 1) : -1;
    if (n < 0)
        die("groups");
    who.groups[0] = who.egid;
    for (int i = 1; i <= n; i++)
        if (who.groups[i] != who.egid)
            who.groups[who.ngroups++] = who.groups[i];
    return who;
}

static struct identity somebody(const char *name)
{
    const struct passwd *user = getpwnam(name);
    if (!user) {
        warn_text(name, "no such user");
        exit(1);
    }
    struct identity who = { user->pw_uid, user->pw_uid, user->pw_gid, user->pw_gid, calloc(GROUPS_MAX, sizeof(gid_t)),
                            GROUPS_MAX };
    if (!who.groups || getgrouplist(name, user->pw_gid, who.groups, &who.ngroups) < 0)
        die(name);
    return who;
}

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    static const char letters[] = "ugGnr";
    tool_init(argv, "usage: id [-u|-g|-G] [-nr] [USER]\n"
                    "Show user and groups. -u, -g, -G: only the user, the group, all groups;\n"
                    "-n: as names, -r: the real ones, not those that count.\n");
    options_arrange(argc, argv, letters, "user=u group=g groups=G name=n real=r");
    int index = parse_flags(argc, argv, letters, have);
    if (have['u'] + have['g'] + have['G'] > 1 || argc - index > 1)
        die_usage();
    struct identity who = index < argc ? somebody(argv[index]) : ourselves();
    if (have['u'])
        put_uid(have['r'] ? who.uid : who.euid, have['n']);
    else if (have['g'])
        put_gid(have['r'] ? who.gid : who.egid, have['n']);
    for (int i = 0; have['G'] && i < who.ngroups; i++) {
        if (i)
            putchar(' ');
        put_gid(who.groups[i], have['n']);
    }
    if (have['u'] || have['g'] || have['G'])
        putchar('\n');
    else
        put_all(&who);
    return flush_output();
}
