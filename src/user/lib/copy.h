/* Copying files and trees, for cp and for mv between file systems. What fails is said and the rest goes on. */
#pragma once
#include <stdbool.h>

extern struct copying {
    bool recursive; /* folders, and what is in them; links and devices as what they are */
    bool force;     /* what is in the way is removed */
    bool preserve;  /* times, modes, owners; with recursive: hard links */
    bool verbose;
    bool follow, no_follow; /* links: always what they point to, or always the link; else as named by the user */
    bool keep;              /* what is there stays, */
    bool update;            /* unless it is older; */
    bool ask;               /* or the user is asked */
    bool link, symbolic;    /* another name or a link instead of a copy */
} copying;

struct stat;
bool is_newer(const struct stat *a, const struct stat *b); /* was a changed after b? */
bool confirmed(const char *path); /* asks whether it may be overwritten */
int copy_tree(const char *from, const char *to, bool top); /* top: named by the user. 0 or 1 */
