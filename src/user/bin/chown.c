/* chown: change owner and group, by name or number. */
#include "../lib/inside.h"
#include "../lib/util.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool recursive, not_links;
static uid_t owner = (uid_t)-1;
static gid_t group = (gid_t)-1;

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

static int change(const char *path, bool named);
static int change_found(const char *path) { return change(path, false); }

static int change(const char *path, bool named)
{
    struct stat st;
    int status = 0;
    bool link_itself = not_links || !named;
    if (fchownat(AT_FDCWD, path, owner, group, link_itself ? AT_SYMLINK_NOFOLLOW : 0) < 0) {
        warn_errno(path);
        status = 1;
    }
    if (!recursive || lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
        return status;
    return status | each_inside(path, change_found);
}

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    int status = 0;
    tool_init(argv, "usage: chown [-Rh] OWNER[:GROUP] FILE...\n"
                    "Change owner and group. -R: with all inside, -h: of a link, not of what it leads to.\n");
    int index = parse_flags(argc, argv, "Rh", have);
    recursive = have['R'], not_links = have['h'];
    if (argc - index < 2)
        die_usage();
    take_names(argv[index++]);
    for (; index < argc; index++)
        status |= change(argv[index], true);
    return status;
}
