/* All the tools in one program: the name it is called by says which. `tools NAME [ARGUMENT...]` is any of
 * them by its name, `tools` alone the list. */
#include "lib/util.h"

#include <stdio.h>
#include <string.h>

#define TOOL(name, main_of) int main_of(int argc, char **argv);
#include "tool_names.inc"
#undef TOOL

static const struct { const char *name; int (*main)(int argc, char **argv); } tools[] = {
#define TOOL(name, main_of) { name, main_of },
#include "tool_names.inc"
};

static int list(void)
{
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
        puts(tools[i].name);
    return flush_output();
}

int main(int argc, char **argv)
{
    const char *name = argc > 0 ? base_name(argv[0]) : "";
    if (strcmp(name, "tools") == 0) {
        if (argc < 2)
            return list();
        argc--, argv++;
        name = base_name(argv[0]);
    }
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (strcmp(tools[i].name, name) == 0)
            return tools[i].main(argc, argv);
    fprintf(stderr, "tools: no tool is called %s; `tools` alone lists them\n", name);
    return 127;
}
