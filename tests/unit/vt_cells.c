/* vt_cells COLS ROWS EVERY <BYTES: the screen engine's cells after every so many bytes and at the end, a line each:
 * "@ bytes row col" (the cursor), then "row col ch fg bg attr" for each cell that is not an empty one. For
 * tests/boot/test_terminal.py, which builds it. */
#include "lib/format.h"
#include "tty/vt.h"
#include <stdio.h>
#include <stdlib.h>

int format(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n;
}

static unsigned cols, rows, cur_row, cur_col;
static struct cell *screen;

static void draw(void *ctx, unsigned row, unsigned col, const struct cell *c, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        screen[row * cols + col + i] = c[i];
}
static void cursor(void *ctx, unsigned row, unsigned col, enum cursor_shape shape, const struct cell *under)
{
    cur_row = row, cur_col = col;
}
static void reply(void *ctx, const char *bytes, size_t n) {}

static void dump(long at)
{
    printf("@ %ld %u %u\n", at, cur_row, cur_col);
    for (unsigned i = 0; i < cols * rows; i++) {
        const struct cell *c = &screen[i];
        if (c->ch != ' ' || c->bg != 0x282a36 || c->attr)
            printf("%u %u %x %06x %06x %x\n", i / cols, i % cols, c->ch, c->fg, c->bg, c->attr);
    }
}

int main(int argc, char **argv)
{
    const struct vt_out out = { draw, cursor, reply, NULL };
    char buf[65536];

    if (argc != 4)
        return 2;
    cols = (unsigned)atoi(argv[1]), rows = (unsigned)atoi(argv[2]);
    long every = atol(argv[3]), n = (long)fread(buf, 1, sizeof buf, stdin);
    screen = calloc(cols * rows, sizeof *screen);
    struct vt_engine *vt = vt_engine_init(calloc(1, vt_engine_size(cols, rows)), cols, rows, calloc(cols * rows, sizeof *screen), &out);
    for (long at = 0; at < n; at += every) {
        long end = at + every < n ? at + every : n;
        vt_engine_write(vt, buf + at, (size_t)(end - at));
        vt_engine_flush(vt);
        dump(end);
    }
    return 0;
}
