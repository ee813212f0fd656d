/* mount: what is mounted (/proc/mounts), or mount something. */
#include "../lib/util.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static const struct { const char *name; unsigned long set, clear; } words[] = {
    { "ro", MS_RDONLY, 0 },         { "rw", 0, MS_RDONLY },         { "nosuid", MS_NOSUID, 0 },
    { "suid", 0, MS_NOSUID },       { "nodev", MS_NODEV, 0 },       { "dev", 0, MS_NODEV },
    { "noexec", MS_NOEXEC, 0 },     { "exec", 0, MS_NOEXEC },       { "sync", MS_SYNCHRONOUS, 0 },
    { "async", 0, MS_SYNCHRONOUS }, { "dirsync", MS_DIRSYNC, 0 },   { "noatime", MS_NOATIME, 0 },
    { "atime", 0, MS_NOATIME },     { "relatime", MS_RELATIME, 0 }, { "strictatime", MS_STRICTATIME, 0 },
    { "remount", MS_REMOUNT, 0 },   { "bind", MS_BIND, 0 },         { "rbind", MS_BIND | MS_REC, 0 },
    { "move", MS_MOVE, 0 },         { "private", MS_PRIVATE, 0 },   { "rprivate", MS_PRIVATE | MS_REC, 0 },
    { "slave", MS_SLAVE, 0 },       { "rslave", MS_SLAVE | MS_REC, 0 }, { "unbindable", MS_UNBINDABLE, 0 },
    { "shared", MS_SHARED, 0 },     { "rshared", MS_SHARED | MS_REC, 0 },
    { "nodiratime", MS_NODIRATIME, 0 }, { "defaults", 0, 0 },
};

#define PROPAGATION (MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE | MS_SHARED)

struct wish { unsigned long flags; const char *type; char data[512]; };

/* One word of -o: a flag, or the file system's own. */
static void option_take(struct wish *w, const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i].name) == 0) {
            w->flags = (w->flags | words[i].set) & ~words[i].clear;
            return;
        }
    size_t used = strlen(w->data);
    if (used + strlen(word) + 2 > sizeof w->data)
        die_usage();
    snprintf(w->data + used, sizeof w->data - used, "%s%s", used ? "," : "", word);
}

static void options_take(struct wish *w, char *list)
{
    for (char *word = strtok(list, ","); word; word = strtok(NULL, ","))
        option_take(w, word);
}

/* Blanks and the like are octal in /proc/mounts: undone in place. */
static char *unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; to++) {
        unsigned c;
        if (*from == '\\' && sscanf(from + 1, "%3o", &c) == 1) {
            *to = (char)c;
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = 0;
    return text;
}

static int list(void)
{
    static char line[16384], place[8192];
    char source[256], type[64], options[1024];
    FILE *file = fopen("/proc/mounts", "r");
    if (!file)
        die("/proc/mounts");
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "%255s %8191s %63s %1023s", source, place, type, options) == 4)
            printf("%s on %s type %s (%s)\n", unescape(source), unescape(place), type, options);
    fclose(file);
    return flush_output();
}

int main(int argc, char **argv)
{
    struct wish w = { 0 };
    const char *place[2];
    int nplaces = 0;
    tool_init(argv, "usage: mount\n"
                    "       mount [-t TYPE] [-o OPTIONS] [--bind | --rbind | --move] [SOURCE] DIR\n"
                    "       mount --make-private DIR\n"
                    "Show what is mounted, or mount SOURCE at DIR. -o remount needs no SOURCE. --bind shows a file or directory at\n"
                    "a second place, --rbind with all that is mounted in it.\n");
    if (argc == 1)
        return list();
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--bind") == 0 || strcmp(argv[i], "--rbind") == 0 || strcmp(argv[i], "--move") == 0)
            option_take(&w, argv[i] + 2);
        else if (strncmp(argv[i], "--make-", 7) == 0)
            option_take(&w, argv[i] + 7);
        else if (strcmp(argv[i], "-t") == 0 && i + 1 < argc)
            w.type = argv[++i];
        else if (strcmp(argv[i], "-o") == 0 && i + 1 < argc)
            options_take(&w, argv[++i]);
        else if (argv[i][0] == '-' || nplaces == 2)
            die_usage();
        else
            place[nplaces++] = argv[i];
    }
    bool alone = w.flags & (MS_REMOUNT | PROPAGATION), changes = alone || w.flags & (MS_BIND | MS_MOVE);
    if (nplaces == 0 || (!changes && !w.type) || (nplaces == 1 && !alone))
        die_usage();
    const char *dir = place[nplaces - 1];
    if (mount(nplaces == 2 ? place[0] : "none", dir, w.type, w.flags, w.data) < 0)
        die(dir);
    /* A bind mount has the flags of what it shows at first: others are a second step. */
    if ((w.flags & MS_BIND) && !(w.flags & MS_REMOUNT) && (w.flags & ~(unsigned long)(MS_BIND | MS_REC)) &&
        mount("none", dir, NULL, MS_REMOUNT | (w.flags & ~(unsigned long)MS_REC), NULL) < 0)
        die(dir);
    return 0;
}
