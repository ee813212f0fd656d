/* Intrusive red-black tree. The caller walks down to find the place, then links and balances:
 *
 *     struct rb_node **link = &tree->root, *parent = NULL;
 *     while (*link) { parent = *link; link = less(...) ? &parent->left : &parent->right; }
 *     rb_insert(tree, node, parent, link);
 *
 * A tree may keep a summary of each subtree in its nodes: `update` computes a node's from its own
 * value and its children's, and says whether it changed; it is called wherever a subtree changed,
 * and upwards for as long as something does. The caller calls rb_update after it changed a node's
 * value in place.
 *
 * No locks, no allocation. All operations are O(log n). */
#pragma once
#include "lib/types.h"

struct rb_node { struct rb_node *parent, *left, *right; bool red; };
struct rb_tree { struct rb_node *root; bool (*update)(struct rb_node *n); /* or NULL */ };

void rb_insert(struct rb_tree *t, struct rb_node *n, struct rb_node *parent, struct rb_node **link);
void rb_erase(struct rb_tree *t, struct rb_node *n);
/* n's own value changed: brings the summaries above it up to date. */
void rb_update(const struct rb_tree *t, struct rb_node *n);
/* Computes all summaries: of a tree that was built with update NULL, which spares each insertion's. */
void rb_update_all(const struct rb_tree *t);
struct rb_node *rb_first(const struct rb_tree *t);
struct rb_node *rb_last(const struct rb_tree *t);
struct rb_node *rb_next(const struct rb_node *n); /* NULL behind the last */
struct rb_node *rb_prev(const struct rb_node *n);
/* Taking a whole tree down, without order or balance: removes and returns some leaf; NULL: empty. */
struct rb_node *rb_pluck(struct rb_tree *t);

#define rb_entry(node, type, member) container_of(node, type, member)
