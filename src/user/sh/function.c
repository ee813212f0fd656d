/* Shell functions. A function owns a copy of its tree; a call holds a reference, so that a function may
 * redefine or unset itself while it runs. */
#include "sh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALL_DEPTH_MAX = 1000 };

struct function {
    struct function *next;
    char *name;
    struct arena arena;
    struct node *body;
    int references;
};

static struct function *functions;

static void function_put(struct function *function)
{
    if (--function->references > 0)
        return;
    arena_free(&function->arena);
    free(function->name);
    free(function);
}

struct function *function_find(const char *name)
{
    for (struct function *function = functions; function; function = function->next)
        if (strcmp(function->name, name) == 0)
            return function;
    return NULL;
}

bool function_unset(const char *name)
{
    for (struct function **link = &functions; *link; link = &(*link)->next)
        if (strcmp((*link)->name, name) == 0) {
            struct function *function = *link;
            *link = function->next;
            function_put(function);
            return true;
        }
    return false;
}

void function_define(const char *name, const struct node *body)
{
    struct function *function = xmalloc(sizeof *function);
    *function = (struct function){ .name = xstrdup(name), .references = 1 };
    function->body = tree_copy(&function->arena, body);
    function_unset(name);
    function->next = functions;
    functions = function;
}

const char *function_name_at(int index)
{
    const struct function *function = functions;
    while (function && index-- > 0)
        function = function->next;
    return function ? function->name : NULL;
}

int function_call(struct function *function, char **argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    if (shell.function_depth >= CALL_DEPTH_MAX) {
        shell_error("%s: functions nest too deeply", argv[0]);
        shell_abort(2);
    }
    struct params outer = shell.params;
    int outer_loops = shell.loop_depth;
    shell.params = (struct params){ 0 };
    params_set(&shell.params, argv + 1, argc - 1);
    shell.loop_depth = 0;
    shell.function_depth++;
    function->references++;
    var_scope_enter();
    int status = exec_node(function->body, 0);
    if (shell.flow == FLOW_RETURN) {
        shell.flow = FLOW_NONE;
        status = shell.status;
    }
    var_scope_leave();
    function_put(function);
    shell.function_depth--;
    shell.loop_depth = outer_loops;
    params_free(&shell.params);
    shell.params = outer;
    return status;
}
