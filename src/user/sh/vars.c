/* Variables: name -> value, exported or not, read-only or not. Values are owned here. `local` saves
 * the old value on a stack that the function's end unwinds. */
#include "sh.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NBUCKETS = 64 };

struct var {
    struct var *next;
    char *name, *value; /* value NULL: exported or read-only, but unset */
    bool exported, readonly;
};

struct saved_var {
    struct saved_var *below;
    char *name, *value; /* name NULL marks a scope's bottom; "-": the options */
    bool exported, readonly;
};

static struct var *buckets[NBUCKETS];
static struct saved_var *saved_top;

static unsigned hash_name(const char *name)
{
    unsigned hash = 5381;
    while (*name)
        hash = hash * 33 + (unsigned char)*name++;
    return hash % NBUCKETS;
}

static struct var *var_find(const char *name)
{
    for (struct var *var = buckets[hash_name(name)]; var; var = var->next)
        if (strcmp(var->name, name) == 0)
            return var;
    return NULL;
}

static struct var *var_find_or_create(const char *name)
{
    struct var *var = var_find(name);
    if (var)
        return var;
    unsigned bucket = hash_name(name);
    var = xmalloc(sizeof *var);
    *var = (struct var){ .next = buckets[bucket], .name = xstrdup(name) };
    buckets[bucket] = var;
    return var;
}

size_t name_length(const char *text)
{
    size_t len = 0;
    if (isdigit((unsigned char)text[0]))
        return 0;
    while (isalnum((unsigned char)text[len]) || text[len] == '_')
        len++;
    return len;
}

bool name_is_valid(const char *text, size_t len)
{
    return len > 0 && name_length(text) == len;
}

const char *var_get(const char *name)
{
    const struct var *var = var_find(name);
    return var ? var->value : NULL;
}

bool var_set(const char *name, const char *value)
{
    struct var *var = var_find_or_create(name);
    if (var->readonly) {
        shell_error("%s: is read only", name);
        return false;
    }
    size_t len = strlen(value);
    if (var->value && len <= strlen(var->value)) {
        memmove(var->value, value, len + 1); /* value may be a part of the old one */
    } else {
        char *copy = xstrdup(value);
        free(var->value);
        var->value = copy;
    }
    var->exported |= shell.opt[OPT_ALLEXPORT];
    if (strcmp(name, "PATH") == 0)
        path_cache_clear();
    return true;
}

static void var_remove(struct var *var)
{
    struct var **link = &buckets[hash_name(var->name)];
    while (*link != var)
        link = &(*link)->next;
    *link = var->next;
    free(var->name);
    free(var->value);
    free(var);
}

bool var_unset(const char *name)
{
    struct var *var = var_find(name);
    if (!var)
        return true;
    if (var->readonly) {
        shell_error("unset: %s: is read only", name);
        return false;
    }
    if (strcmp(name, "PATH") == 0)
        path_cache_clear();
    var_remove(var);
    return true;
}

void var_export(const char *name)
{
    var_find_or_create(name)->exported = true;
}

void var_make_readonly(const char *name)
{
    var_find_or_create(name)->readonly = true;
}

const char *var_name_at(int index)
{
    for (size_t i = 0; i < NBUCKETS; i++)
        for (const struct var *var = buckets[i]; var; var = var->next)
            if (var->value && index-- == 0)
                return var->name;
    return NULL;
}

void vars_init(char **environment)
{
    char number[16];
    for (; environment && *environment; environment++) {
        size_t len = name_length(*environment);
        if (len == 0 || (*environment)[len] != '=')
            continue;
        char *name = arena_strndup(&shell.scratch, *environment, len);
        var_set(name, *environment + len + 1);
        var_export(name);
    }
    var_set("IFS", " \t\n");
    var_set("PS1", "$ ");
    var_set("PS2", "> ");
    var_set("PS4", "+ ");
    var_set("OPTIND", "1");
    snprintf(number, sizeof number, "%d", (int)getppid());
    var_set("PPID", number);
    if (!var_get("PATH"))
        var_set("PATH", "/sbin:/bin:/usr/sbin:/usr/bin");
}

char **vars_environ(struct arena *arena)
{
    size_t count = 0;
    for (size_t i = 0; i < NBUCKETS; i++)
        for (struct var *var = buckets[i]; var; var = var->next)
            count += var->exported && var->value;
    char **environment = arena_alloc(arena, (count + 1) * sizeof *environment);
    char **out = environment;
    for (size_t i = 0; i < NBUCKETS; i++)
        for (struct var *var = buckets[i]; var; var = var->next) {
            if (!var->exported || !var->value)
                continue;
            size_t name_len = strlen(var->name), value_len = strlen(var->value);
            *out = arena_alloc(arena, name_len + value_len + 2);
            memcpy(*out, var->name, name_len);
            (*out)[name_len] = '=';
            memcpy(*out + name_len + 1, var->value, value_len);
            out++;
        }
    return environment;
}

/* In pieces that the shell reads back: 'it'"'"'s'. */
void print_quoted(const char *text)
{
    do {
        size_t plain = strcspn(text, "'"), quotes = strspn(text + plain, "'");
        if (plain || !quotes)
            printf("'%.*s'", (int)plain, text);
        if (quotes)
            printf("\"%.*s\"", (int)quotes, text + plain);
        text += plain + quotes;
    } while (*text);
}

static int compare_vars(const void *a, const void *b)
{
    return strcmp((*(struct var *const *)a)->name, (*(struct var *const *)b)->name);
}

void vars_print(bool exported_only, bool readonly_only, const char *prefix)
{
    size_t count = 0;
    for (size_t i = 0; i < NBUCKETS; i++)
        for (struct var *var = buckets[i]; var; var = var->next)
            count++;
    struct var **sorted = xmalloc(count * sizeof *sorted);
    size_t n = 0;
    for (size_t i = 0; i < NBUCKETS; i++)
        for (struct var *var = buckets[i]; var; var = var->next)
            if ((!exported_only || var->exported) && (!readonly_only || var->readonly) && (var->value || *prefix))
                sorted[n++] = var;
    qsort(sorted, n, sizeof *sorted, compare_vars);
    for (size_t i = 0; i < n; i++) {
        printf("%s%s", prefix, sorted[i]->name);
        if (sorted[i]->value) {
            putchar('=');
            print_quoted(sorted[i]->value);
        }
        putchar('\n');
    }
    free(sorted);
}

/* ---- local ---- */

static void push_saved(const char *name, const struct var *var)
{
    struct saved_var *saved = xmalloc(sizeof *saved);
    *saved = (struct saved_var){ .below = saved_top, .name = name ? xstrdup(name) : NULL };
    if (var) {
        saved->value = var->value ? xstrdup(var->value) : NULL;
        saved->exported = var->exported;
        saved->readonly = var->readonly;
    }
    saved_top = saved;
}

void var_scope_enter(void)
{
    push_saved(NULL, NULL);
}

bool var_make_local(const char *name)
{
    push_saved(name, var_find(name));
    return true;
}

void options_make_local(void)
{
    push_saved("-", NULL);
    saved_top->value = xmalloc(sizeof shell.opt);
    memcpy(saved_top->value, shell.opt, sizeof shell.opt);
}

/* As it was, whatever the function made of it. */
static void var_restore(const struct saved_var *saved)
{
    struct var *var = var_find(saved->name);
    if (saved->name[0] == '-') {
        memcpy(shell.opt, saved->value, sizeof shell.opt);
        return;
    }
    if (strcmp(saved->name, "PATH") == 0)
        path_cache_clear();
    if (var)
        var_remove(var);
    if (!saved->value && !saved->exported && !saved->readonly)
        return;
    var = var_find_or_create(saved->name);
    var->value = saved->value ? xstrdup(saved->value) : NULL;
    var->exported = saved->exported;
    var->readonly = saved->readonly;
}

void var_scope_leave(void)
{
    bool bottom = false;
    while (saved_top && !bottom) {
        struct saved_var *saved = saved_top;
        saved_top = saved->below;
        bottom = saved->name == NULL;
        if (!bottom)
            var_restore(saved);
        free(saved->name);
        free(saved->value);
        free(saved);
    }
}

void var_scope_unwind(void)
{
    while (saved_top)
        var_scope_leave();
}
