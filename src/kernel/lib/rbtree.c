/* Red-black trees: a binary search tree whose paths differ in length by at most a factor of two.
 *
 * 1. The root is black.  2. A red node has no red child.  3. Every path from a node down to a
 * missing child passes the same number of black nodes ("black height").
 *
 * Inserting adds a red leaf, which can only break 2; erasing a black node breaks 3 at one place.
 * Both repairs walk towards the root and rotate at most three times. Missing children are NULL
 * and count as black. */
#include "lib/rbtree.h"

static bool is_red(const struct rb_node *n) { return n && n->red; }

/* The pointer that points to n: in its parent, or the root. */
static struct rb_node **slot_of(struct rb_tree *t, struct rb_node *n)
{
    if (!n->parent)
        return &t->root;
    return n->parent->left == n ? &n->parent->left : &n->parent->right;
}

/* Puts `with` (may be NULL) where n hangs. */
static void replace(struct rb_tree *t, struct rb_node *n, struct rb_node *with)
{
    *slot_of(t, n) = with;
    if (with)
        with->parent = n->parent;
}

static void summarise(const struct rb_tree *t, struct rb_node *n)
{
    if (t->update)
        t->update(n);
}

void rb_update(const struct rb_tree *t, struct rb_node *n)
{
    if (t->update)
        while (n && t->update(n))
            n = n->parent;
}

/* The same from a place whose old summary says nothing: up to and with `last`, changed or not. */
static void update_through(const struct rb_tree *t, struct rb_node *n, struct rb_node *last)
{
    for (; n != last; n = n->parent)
        summarise(t, n);
    summarise(t, last);
    rb_update(t, last->parent);
}

/* n's right child rises above it. */
static void rotate_left(struct rb_tree *t, struct rb_node *n)
{
    struct rb_node *up = n->right;
    replace(t, n, up);
    n->right = up->left;
    if (n->right)
        n->right->parent = n;
    up->left = n;
    n->parent = up;
    summarise(t, n);
    summarise(t, up);
}

/* n's left child rises above it. */
static void rotate_right(struct rb_tree *t, struct rb_node *n)
{
    struct rb_node *up = n->left;
    replace(t, n, up);
    n->left = up->right;
    if (n->left)
        n->left->parent = n;
    up->right = n;
    n->parent = up;
    summarise(t, n);
    summarise(t, up);
}

void rb_insert(struct rb_tree *t, struct rb_node *n, struct rb_node *parent, struct rb_node **link)
{
    *n = (struct rb_node){ .parent = parent, .red = true };
    *link = n;
    update_through(t, n, n);
    while (is_red(n->parent)) {
        struct rb_node *p = n->parent, *g = p->parent; /* g exists: a red node is not the root */
        bool p_is_left = g->left == p;
        struct rb_node *uncle = p_is_left ? g->right : g->left;
        if (is_red(uncle)) {
            p->red = uncle->red = false;
            g->red = true;
            n = g;
            continue;
        }
        if (p_is_left && p->right == n)
            rotate_left(t, p), p = n;
        else if (!p_is_left && p->left == n)
            rotate_right(t, p), p = n;
        p->red = false;
        g->red = true;
        if (p_is_left)
            rotate_right(t, g);
        else
            rotate_left(t, g);
        break;
    }
    t->root->red = false;
}

/* The paths through `n` (may be NULL), a child of p, lack one black node. */
static void restore_black_height(struct rb_tree *t, struct rb_node *p, struct rb_node *n)
{
    while (p && !is_red(n)) {
        bool left = p->left == n;
        struct rb_node *s = left ? p->right : p->left; /* exists: its side is one black longer */
        if (s->red) {
            s->red = false;
            p->red = true;
            if (left)
                rotate_left(t, p);
            else
                rotate_right(t, p);
            s = left ? p->right : p->left;
        }
        struct rb_node *near = left ? s->left : s->right, *far = left ? s->right : s->left;
        if (!is_red(near) && !is_red(far)) {
            s->red = true;
            n = p;
            p = n->parent;
            continue;
        }
        if (!is_red(far)) {
            near->red = false;
            s->red = true;
            if (left)
                rotate_right(t, s);
            else
                rotate_left(t, s);
            far = s;
            s = near;
        }
        s->red = p->red;
        p->red = far->red = false;
        if (left)
            rotate_left(t, p);
        else
            rotate_right(t, p);
        return;
    }
    if (n)
        n->red = false;
}

void rb_erase(struct rb_tree *t, struct rb_node *n)
{
    struct rb_node *child, *child_parent, *moved = NULL;
    bool lost_black;
    if (n->left && n->right) {
        /* Its successor, which has no left child, leaves its place and takes n's. */
        struct rb_node *next = moved = rb_next(n);
        child = next->right;
        child_parent = next->parent == n ? next : next->parent;
        lost_black = !next->red;
        replace(t, next, child);
        replace(t, n, next);
        next->red = n->red;
        next->left = n->left;
        next->left->parent = next;
        next->right = n->right;
        if (next->right)
            next->right->parent = next;
    } else {
        child = n->left ? n->left : n->right;
        child_parent = n->parent;
        lost_black = !n->red;
        replace(t, n, child);
    }
    if (moved)
        update_through(t, child_parent, moved);
    else
        rb_update(t, child_parent);
    if (lost_black)
        restore_black_height(t, child_parent, child);
    *n = (struct rb_node){ 0 };
}

struct rb_node *rb_first(const struct rb_tree *t)
{
    struct rb_node *n = t->root;
    while (n && n->left)
        n = n->left;
    return n;
}

struct rb_node *rb_last(const struct rb_tree *t)
{
    struct rb_node *n = t->root;
    while (n && n->right)
        n = n->right;
    return n;
}

struct rb_node *rb_next(const struct rb_node *n)
{
    if (n->right)
        return rb_first(&(struct rb_tree){ .root = n->right });
    while (n->parent && n->parent->right == n)
        n = n->parent;
    return n->parent;
}

struct rb_node *rb_prev(const struct rb_node *n)
{
    if (n->left)
        return rb_last(&(struct rb_tree){ .root = n->left });
    while (n->parent && n->parent->left == n)
        n = n->parent;
    return n->parent;
}

static struct rb_node *leaf_below(struct rb_node *n)
{
    while (n && (n->left || n->right))
        n = n->left ? n->left : n->right;
    return n;
}

struct rb_node *rb_pluck(struct rb_tree *t)
{
    struct rb_node *n = leaf_below(t->root);
    if (n)
        *slot_of(t, n) = NULL;
    return n;
}

/* Children before their parents. */
void rb_update_all(const struct rb_tree *t)
{
    for (struct rb_node *n = leaf_below(t->root), *up; n; n = up) {
        t->update(n);
        up = n->parent;
        if (up && up->left == n && up->right)
            up = leaf_below(up->right);
    }
}
