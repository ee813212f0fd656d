/* Where paths lead: the directory part of a path to its directory, in one step instead of one a name. */
#pragma once
#include "vfs/path.h"


/* Goes to the directory of the last component of path, which is len bytes long: *dir, with a reference, and
 * what is left of the path from there. *dir NULL: there is no directory in it. Errors: path_lookup's. */
int path_to_dir(const struct walk *w, struct vnode *start, const char *path, size_t len, struct vnode **dir,
                const char **rest) MUST_CHECK;
/* A path may lead elsewhere than before, or no longer everybody may walk it: after the change. */
void path_cache_change(void);
/* v is about to be freed: nothing here mentions it afterwards. */
void path_cache_forget(struct vnode *v);
void path_cache_init(void);
