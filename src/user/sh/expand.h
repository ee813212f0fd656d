/* What expand.c, param.c and fields.c share. */
#pragma once
#include "sh.h"

enum {
    MARK_QUOTED = 'q',   /* never split, never a pattern */
    MARK_LITERAL = 'l',  /* unquoted source text: may be a pattern */
    MARK_EXPANDED = 'e', /* from an unquoted expansion: may be split and be a pattern */
    MARK_NULL = 'n',     /* no character: quotes stood here, so the field exists even if empty */
    MARK_BREAK = 'b',    /* no character: a field ends here ("$@") */
};

enum quote { QUOTE_NONE, QUOTE_DOUBLE, QUOTE_HERE };

struct expander {
    struct buffer text, marks;
    bool fields;        /* the result will be split */
    bool is_assignment; /* tilde also behind : */
    bool in_braces;    /* inside the word of ${x-word} */
    bool saw_empty_at; /* "$@" without parameters: the quotes around it do not make a field */
};

void emit(struct expander *ex, char c, char mark);
void emit_value(struct expander *ex, const char *value, bool in_double);
void expand_run(struct expander *ex, const char *text, size_t len, enum quote quote);
void expander_free(struct expander *ex);
void fields_add(struct fields *out, const char *text);
void fields_split(const struct expander *ex, struct fields *out);

/* How long the parameter name at text is; 0: none. In braces $10 is one name. */
size_t param_name_length(const char *text, bool in_braces);
size_t brace_length(const char *text, bool in_double); /* from behind "${" to behind its "}" */
void expand_param(struct expander *ex, const char *name, size_t len, bool in_double);
void expand_braces(struct expander *ex, const char *text, size_t len, bool in_double);
