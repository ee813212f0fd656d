/* What lies in a directory, for tools that go down a tree. The names are read to the end and the directory
 * closed before anything is done with them: what is changed in it meanwhile does not matter, and a deep tree
 * takes no descriptor a level. */
#pragma once
#include <stddef.h>

struct inside { char **paths; size_t n; };

/* The paths of all entries but "." and "..". 0, or -1 with errno. */
int inside_read(const char *directory, struct inside *out);
void inside_free(struct inside *in);

/* visit is called with each of them. The statuses it answers, or-ed; 1, with a message, if the directory
 * cannot be read. */
int each_inside(const char *directory, int (*visit)(const char *path));
