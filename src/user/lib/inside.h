/* What lies in a directory, for tools that go down a tree. The directory is closed before anything is done with
 * the names, so that a deep tree takes no descriptor a level. */
#pragma once
#include <stddef.h>

struct inside { char **paths; size_t n; };

/* The paths of all entries but "." and "..". 0, or -1 with errno. */
int inside_read(const char *directory, struct inside *out);
void inside_free(struct inside *in);

/* visit is called with each of them, a thousand read at a time: places in a directory must stay what they are while
 * names come and go (getdents64 here keeps them). The statuses it answers, or-ed; 1, with a message, if the directory
 * cannot be read. */
int each_inside(const char *directory, int (*visit)(const char *path));
