/* Running the script on each line. See sed.h. */
#include "sed.h"

#include <string.h>

static bool quitting;
static struct buffer held;

static bool fits(const struct address *a)
{
    switch (a->kind) {
    case ADDR_LINE: return line_number == a->line;
    case ADDR_LAST: return !look_ahead();
    case ADDR_STEP: return a->step ? line_number >= a->line && (line_number - a->line) % a->step == 0 : line_number == a->line;
    case ADDR_RE: return regexec(re_of(a->re), space.text, 0, NULL, 0) == 0;
    default: return true;
    }
}

static bool is_selected(struct command *c)
{
    if (c->to.kind == ADDR_NONE)
        return fits(&c->from);
    if (!c->active) {
        if (c->from.kind == ADDR_LINE && c->from.line == 0) {
            c->from.line = ~0ul; /* 0,/re/: as if begun before the first line */
            c->active = true;
            return c->active = !fits(&c->to), true;
        }
        if (!fits(&c->from))
            return false;
        c->until = c->to.kind == ADDR_COUNT ? line_number + c->to.line : c->to.kind == ADDR_LINE ? c->to.line : 0;
        c->active = !c->until || c->until > line_number;
        return true;
    }
    if (c->until) {
        c->active = line_number < c->until;
        if (line_number > c->until && c->to.kind == ADDR_LINE) {
            c->active = false;
            return fits(&c->from);
        }
    } else {
        c->active = !fits(&c->to);
    }
    return true;
}

enum next { NEXT_COMMAND, NEXT_CYCLE, NEXT_CYCLE_SAME, NEXT_END };

static enum next next_line_into(bool append)
{
    if (!look_ahead()) {
        if (append && !silent)
            put_line(output, space.text, space.len);
        quitting = true;
        return append ? NEXT_END : NEXT_CYCLE;
    }
    if (!append && !silent)
        put_line(output, space.text, space.len);
    put_appended();
    next_input_line(&space, append);
    return NEXT_COMMAND;
}

static enum next run_one(struct command *c, size_t *at)
{
    char *newline;
    struct buffer other;
    switch (c->name) {
    case '{': case '}': case ':': return NEXT_COMMAND;
    case '=': fprintf(output, "%lu\n", line_number); return NEXT_COMMAND;
    case 'a': buffer_add(&appended, c->text, strlen(c->text)); return NEXT_COMMAND;
    case 'i': fputs(c->text, output); return NEXT_COMMAND;
    case 'c':
        if (c->to.kind == ADDR_NONE || c->negated || !c->active)
            fputs(c->text, output);
        space.len = 0;
        return NEXT_END;
    case 'd': return NEXT_END;
    case 'D':
        newline = memchr(space.text, '\n', space.len);
        if (!newline)
            return NEXT_END;
        space.len -= (size_t)(newline + 1 - space.text);
        memmove(space.text, newline + 1, space.len + 1);
        return NEXT_CYCLE_SAME;
    case 'g': buffer_set(&space, held.text ? held.text : "", held.len); return NEXT_COMMAND;
    case 'G':
        buffer_add(&space, "\n", 1);
        buffer_add(&space, held.text ? held.text : "", held.len);
        return NEXT_COMMAND;
    case 'h': buffer_set(&held, space.text, space.len); return NEXT_COMMAND;
    case 'H':
        buffer_add(&held, "\n", 1);
        buffer_add(&held, space.text, space.len);
        return NEXT_COMMAND;
    case 'x':
        other = space, space = held, held = other;
        buffer_add(&space, "", 0);
        return NEXT_COMMAND;
    case 'l': put_visible(); return NEXT_COMMAND;
    case 'n': return next_line_into(false);
    case 'N': return next_line_into(true);
    case 'p': put_line(output, space.text, space.len); return NEXT_COMMAND;
    case 'P':
        newline = memchr(space.text, '\n', space.len);
        fwrite(space.text, 1, newline ? (size_t)(newline - space.text) : space.len, output);
        putc('\n', output);
        return NEXT_COMMAND;
    case 'q': case 'Q':
        quitting = true;
        exit_code = c->code;
        return c->name == 'q' ? NEXT_CYCLE : NEXT_END;
    case 'r': append_file(c->text); return NEXT_COMMAND;
    case 'w': put_line(c->file, space.text, space.len); return NEXT_COMMAND;
    case 's': substitute(c); return NEXT_COMMAND;
    case 'y':
        for (size_t i = 0; i < space.len; i++)
            space.text[i] = c->text[(unsigned char)space.text[i]];
        return NEXT_COMMAND;
    case 'b': *at = c->jump; return NEXT_COMMAND;
    default: /* t, T */
        if (substituted == (c->name == 't'))
            *at = c->jump;
        substituted = false;
        return NEXT_COMMAND;
    }
}

static enum next run_script(void)
{
    for (size_t i = 0; i < ncommands; i++) {
        struct command *c = &command[i];
        if (is_selected(c) == c->negated) {
            if (c->name == '{')
                i = c->jump;
            continue;
        }
        size_t at = i;
        enum next next = run_one(c, &at);
        if (next != NEXT_COMMAND)
            return next;
        i = at;
    }
    return NEXT_CYCLE;
}

void edit(void)
{
    bool have_line = false;
    while (!quitting && (have_line || next_input_line(&space, false))) {
        substituted = false;
        enum next next = run_script();
        if (next == NEXT_CYCLE && !silent)
            put_line(output, space.text, space.len);
        put_appended();
        have_line = next == NEXT_CYCLE_SAME;
    }
}

void edit_separately(void)
{
    while (!quitting && input_index < ninputs) {
        if (!open_next())
            break;
        if (in_place)
            begin_in_place(inputs[input_index - 1]);
        line_number = 0;
        edit();
        forget_line();
        end_in_place();
    }
}
