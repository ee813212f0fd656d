/* What lies in a directory, for tools that go down a tree. The directory is closed before anything is done with
 * the names, so that a deep tree takes no descriptor a level. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct inside { char **paths; size_t n; };

/* The paths of all entries but "." and "..". 0, or -1 with errno. */
int inside_read(const char *directory, struct inside *out);
void inside_free(struct inside *in);

/* For tools that follow links, which may lead in circles. False, with a message: we are in this directory already. Else
 * it counts as one we are in until inside_leave(). */
bool inside_enter(const char *directory, const struct stat *st);
void inside_leave(void); /* the last one */
extern bool inside_follows; /* each_inside() is to do so */

/* visit is called with each of them, a thousand read at a time: places in a directory must stay what they are while
 * names come and go (getdents64 here keeps them). The statuses it answers, or-ed; 1, with a message, if the directory
 * cannot be read. With inside_follows a directory we are in already is passed over. */
int each_inside(const char *directory, int (*visit)(const char *path));
