/* What exec.c, exec_simple.c and exec_fork.c share: one function for each kind of node, which returns its status. */
#pragma once
#include "sh.h"

int exec_simple(const struct node *node, int flags);
int exec_pipe(const struct node *node);
int exec_subshell(const struct node *node, int flags);
int exec_background(const struct node *node);
int fork_failed(void); /* says so; the status for it */
