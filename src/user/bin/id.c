/* id: who this is. */
#include "../lib/util.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    tool_init(argv, "usage: id [-u] [-g] [-n]\nShow user and group. -u, -g: only that, -n: as a name.\n");
    parse_flags(argc, argv, "ugn", have);
    const struct passwd *user = getpwuid(geteuid());
    const struct group *group = getgrgid(getegid());
    const char *user_name = user ? user->pw_name : "?", *group_name = group ? group->gr_name : "?";
    if (have['n'] && (have['u'] || have['g']))
        puts(have['u'] ? user_name : group_name);
    else if (have['u'] || have['g'])
        printf("%u\n", have['u'] ? geteuid() : getegid());
    else
        printf("uid=%u(%s) gid=%u(%s)\n", geteuid(), user_name, getegid(), group_name);
    return flush_output();
}
