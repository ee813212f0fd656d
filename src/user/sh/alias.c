/* Aliases (POSIX XCU 2.3.1): names that the parser replaces by text where a command's name may stand. */
#include "sh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct alias {
    struct alias *next; /* sorted by name: the order `alias` lists them in */
    char *name, *value;
};

static struct alias *aliases;

static struct alias **alias_link(const char *name)
{
    struct alias **link = &aliases;
    while (*link && strcmp((*link)->name, name) < 0)
        link = &(*link)->next;
    return link;
}

const char *alias_value(const char *name)
{
    if (!aliases)
        return NULL;
    const struct alias *alias = *alias_link(name);
    return alias && strcmp(alias->name, name) == 0 ? alias->value : NULL;
}

const char *alias_name_at(int index)
{
    const struct alias *alias = aliases;
    while (alias && index-- > 0)
        alias = alias->next;
    return alias ? alias->name : NULL;
}

static bool alias_remove(const char *name)
{
    struct alias **link = alias_link(name), *alias = *link;
    if (!alias || strcmp(alias->name, name) != 0)
        return false;
    *link = alias->next;
    free(alias->name);
    free(alias->value);
    free(alias);
    return true;
}

static void alias_define(const char *name, const char *value)
{
    alias_remove(name);
    struct alias **link = alias_link(name), *alias = xmalloc(sizeof *alias);
    *alias = (struct alias){ .next = *link, .name = xstrdup(name), .value = xstrdup(value) };
    *link = alias;
}

static void alias_print(const char *name, const char *value)
{
    printf("%s=", name);
    print_quoted(value);
    putchar('\n');
}

int builtin_alias(char **argv)
{
    int status = 0;
    for (const struct alias *alias = aliases; alias && !argv[1]; alias = alias->next)
        alias_print(alias->name, alias->value);
    for (char **arg = argv + 1; *arg; arg++) {
        const char *equals = strchr(*arg, '=');
        if (equals && equals > *arg) {
            alias_define(arena_strndup(&shell.scratch, *arg, (size_t)(equals - *arg)), equals + 1);
        } else if (alias_value(*arg)) {
            alias_print(*arg, alias_value(*arg));
        } else {
            shell_error("alias: %s: not found", *arg);
            status = 1;
        }
    }
    return status;
}

int builtin_unalias(char **argv)
{
    int status = 0;
    char **arg = argv + 1;
    if (*arg && strcmp(*arg, "-a") == 0) {
        while (aliases)
            alias_remove(aliases->name);
        arg++;
    } else if (*arg && strcmp(*arg, "--") == 0) {
        arg++;
    }
    for (; *arg; arg++)
        if (!alias_remove(*arg)) {
            shell_error("unalias: %s: not found", *arg);
            status = 1;
        }
    return status;
}
