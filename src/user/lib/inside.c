#include "inside.h"

#include "util.h"

#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 1000 /* names: rm must also work where memory is short */

static void add(struct inside *in, const char *directory, const char *name)
{
    if ((in->n & (in->n - 1)) == 0)
        in->paths = realloc(in->paths, (in->n ? in->n * 2 : 1) * sizeof *in->paths);
    if (!in->paths)
        die(directory);
    in->paths[in->n++] = join_path(directory, name);
}

/* At most `most` of them, from *place on, which is then the place of the next. */
static int read_some(const char *directory, size_t most, long *place, struct inside *out)
{
    DIR *dir = opendir(directory);
    struct dirent *e;
    *out = (struct inside){ 0 };
    if (!dir)
        return -1;
    if (*place)
        seekdir(dir, *place);
    while (out->n < most && (e = readdir(dir)))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            add(out, directory, e->d_name);
    *place = telldir(dir);
    closedir(dir);
    return 0;
}

int inside_read(const char *directory, struct inside *out)
{
    long place = 0;
    return read_some(directory, SIZE_MAX, &place, out);
}

void inside_free(struct inside *in)
{
    for (size_t i = 0; i < in->n; i++)
        free(in->paths[i]);
    free(in->paths);
}

static struct way { dev_t dev; ino_t ino; } *way; /* the directories we are in */
static size_t way_len;
bool inside_follows;

bool inside_enter(const char *directory, const struct stat *st)
{
    for (size_t i = 0; i < way_len; i++)
        if (way[i].dev == st->st_dev && way[i].ino == st->st_ino) {
            warn_text(directory, "leads back to where it lies: passed over");
            return false;
        }
    way = realloc(way, (way_len + 1) * sizeof *way);
    if (!way)
        die(directory);
    way[way_len++] = (struct way){ st->st_dev, st->st_ino };
    return true;
}

void inside_leave(void) { way_len--; }

static int visit_all(const char *directory, int (*visit)(const char *path))
{
    struct inside in;
    int status = 0;
    long place = 0;
    do {
        if (read_some(directory, AT_ONCE, &place, &in) < 0) {
            warn_errno(directory);
            return 1;
        }
        for (size_t i = 0; i < in.n; i++)
            status |= visit(in.paths[i]);
        inside_free(&in);
    } while (in.n == AT_ONCE);
    return status;
}

int each_inside(const char *directory, int (*visit)(const char *path))
{
    struct stat st;
    if (!inside_follows || stat(directory, &st) < 0)
        return visit_all(directory, visit);
    if (!inside_enter(directory, &st))
        return 0;
    int status = visit_all(directory, visit);
    inside_leave();
    return status;
}
