/* Deep copies of trees: a function outlives the text it was read from. */
#include "sh.h"

#include <string.h>

static const char *copy_text(struct arena *arena, const char *text)
{
    return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

static struct word *copy_words(struct arena *arena, const struct word *word)
{
    struct word *first = NULL, **tail = &first;
    for (; word; word = word->next, tail = &(*tail)->next) {
        *tail = arena_alloc(arena, sizeof **tail);
        (*tail)->text = copy_text(arena, word->text);
    }
    return first;
}

static struct redir *copy_redirs(struct arena *arena, const struct redir *redir)
{
    struct redir *first = NULL, **tail = &first;
    for (; redir; redir = redir->next, tail = &(*tail)->next) {
        *tail = arena_alloc(arena, sizeof **tail);
        **tail = *redir;
        (*tail)->target = copy_text(arena, redir->target);
        (*tail)->next = NULL;
    }
    return first;
}

static struct case_item *copy_items(struct arena *arena, const struct case_item *item)
{
    struct case_item *first = NULL, **tail = &first;
    for (; item; item = item->next, tail = &(*tail)->next) {
        *tail = arena_alloc(arena, sizeof **tail);
        (*tail)->patterns = copy_words(arena, item->patterns);
        (*tail)->body = tree_copy(arena, item->body);
    }
    return first;
}

static struct node *copy_node(struct arena *arena, const struct node *node)
{
    struct node *copy = arena_alloc(arena, sizeof *copy);
    *copy = *node;
    copy->left = tree_copy(arena, node->left);
    copy->other = tree_copy(arena, node->other);
    copy->words = copy_words(arena, node->words);
    copy->assigns = copy_words(arena, node->assigns);
    copy->redirs = copy_redirs(arena, node->redirs);
    copy->items = copy_items(arena, node->items);
    copy->name = copy_text(arena, node->name);
    copy->text = copy_text(arena, node->text);
    copy->right = NULL;
    return copy;
}

/* Sequences lean to the right and may be thousands of commands long: that side is a loop. */
struct node *tree_copy(struct arena *arena, const struct node *node)
{
    struct node *first = NULL, **tail = &first;
    for (; node; node = node->right, tail = &(*tail)->right)
        *tail = copy_node(arena, node);
    return first;
}
