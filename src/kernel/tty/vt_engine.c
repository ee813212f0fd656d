/* The screen engine: a stream of bytes, a machine that understands UTF-8 and escape sequences, a
 * grid of cells (ECMA-48; VT102 and xterm where it is silent). Pure.
 *
 *   GROUND --ESC--> ESCAPE --[--> CSI --final--> GROUND
 *                   |      --( ) # % space--> ESCAPE_INTER --> GROUND
 *                   |      --] P X ^ _--> STRING --BEL, ST--> GROUND (contents ignored)
 *                   |      --]--> OSC --R--> GROUND, --P--> PALETTE --7 digits--> GROUND (Linux's, which end by
 *                   |                                                             themselves)
 *                   --other--> GROUND
 *
 * Promises: whatever bytes come, the cursor stays on the screen and every loop is bounded by the
 * screen's size. A broken UTF-8 sequence shows U+FFFD and what follows it is read afresh. */
#include "tty/vt_priv.h"

#include "lib/assert.h"
#include "lib/bitmap.h"
#include "lib/string.h"

#define REPLACEMENT 0xfffd

size_t vt_engine_size(unsigned cols, unsigned rows)
{
    return sizeof(struct vt_engine) + 2 * sizeof(struct cell) * cols * rows;
}

struct vt_engine *vt_engine_init(void *mem, unsigned cols, unsigned rows, struct cell *shown, const struct vt_out *out)
{
    struct vt_engine *vt = mem;
    struct cell *cells = (struct cell *)(vt + 1);
    size_t ncells = (size_t)cols * rows;

    ASSERT(cols > 0 && cols <= VT_MAX_COLS && rows > 0 && rows <= VT_MAX_ROWS);
    vt->cols = cols;
    vt->rows = rows;
    vt->out = *out;
    vt->shown = shown;
    vt_engine_redraw(vt);
    for (unsigned row = 0; row < rows; row++)
        for (unsigned i = 0; i < 2; i++)
            vt->grid[i].line[row] = cells + i * ncells + (size_t)row * cols;
    vt_reset(vt);
    return vt;
}

unsigned vt_engine_keys(const struct vt_engine *vt)
{
    return __atomic_load_n(&vt->keys, __ATOMIC_RELAXED);
}

const struct cell *vt_engine_row(const struct vt_engine *vt, unsigned row)
{
    return vt_row(vt, row);
}

/* DEC's line-drawing set for '_' to '~' (VT102 user guide, "Special Graphics"). */
static u32 line_drawing(u32 ch)
{
    static const u16 set[] = {
        0x00a0, 0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0x00b0, 0x00b1, 0x2424, 0x240b,
        0x2518, 0x2510, 0x250c, 0x2514, 0x253c, 0x23ba, 0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c,
        0x2524, 0x2534, 0x252c, 0x2502, 0x2264, 0x2265, 0x03c0, 0x2260, 0x00a3, 0x00b7,
    };
    return ch >= 0x5f && ch < 0x5f + ARRAY_SIZE(set) ? set[ch - 0x5f] : ch;
}

/* Marks that join the character before them; a grid of single code points cannot show them. */
static bool is_invisible(u32 ch)
{
    return (ch >= 0x80 && ch < 0xa0) || (ch >= 0x300 && ch <= 0x36f) || (ch >= 0x200b && ch <= 0x200f) ||
           (ch >= 0xfe00 && ch <= 0xfe0f) || ch == 0xfeff;
}

static void print(struct vt_engine *vt, u32 ch)
{
    if (vt->charset[vt->shift] == '0')
        ch = line_drawing(ch);
    if (!is_invisible(ch))
        vt_put(vt, ch);
}

static void utf8_start(struct vt_engine *vt, u8 b)
{
    if (b >= 0xc2 && b < 0xe0) {
        vt->utf8_char = b & 0x1f, vt->utf8_left = 1, vt->utf8_min = 0x80;
    } else if (b >= 0xe0 && b < 0xf0) {
        vt->utf8_char = b & 0x0f, vt->utf8_left = 2, vt->utf8_min = 0x800;
    } else if (b >= 0xf0 && b < 0xf5) {
        vt->utf8_char = b & 0x07, vt->utf8_left = 3, vt->utf8_min = 0x10000;
    } else {
        print(vt, REPLACEMENT); /* a tail without a head, or a byte that UTF-8 never has */
    }
}

static void utf8_finish(struct vt_engine *vt)
{
    u32 ch = vt->utf8_char;
    bool valid = ch >= vt->utf8_min && ch <= 0x10ffff && !(ch >= 0xd800 && ch < 0xe000);

    print(vt, valid ? ch : REPLACEMENT);
}

static void ground(struct vt_engine *vt, u8 b)
{
    if (vt->utf8_left > 0) {
        if ((b & 0xc0) == 0x80) {
            vt->utf8_char = vt->utf8_char << 6 | (b & 0x3f);
            if (--vt->utf8_left == 0)
                utf8_finish(vt);
            return;
        }
        vt->utf8_left = 0;
        print(vt, REPLACEMENT);
    }
    if (b < 0x80)
        print(vt, b);
    else
        utf8_start(vt, b);
}

static void csi_begin(struct vt_engine *vt)
{
    vt->state = VT_CSI;
    vt->private_mark = vt->csi_inter = 0;
    vt->nparams = 1;
    vt->param[0] = 0;
}

static void csi_digit(struct vt_engine *vt, u8 b)
{
    u16 *p = &vt->param[vt->nparams - 1];
    unsigned v = *p * 10u + (b - '0');

    *p = (u16)MIN(v, VT_PARAM_LIMIT);
}

static void csi(struct vt_engine *vt, u8 b)
{
    if (b >= '0' && b <= '9') {
        csi_digit(vt, b);
    } else if (b == ';' || b == ':') {
        if (vt->nparams == VT_PARAMS_MAX) {
            vt->state = VT_CSI_IGNORE;
            return;
        }
        vt->param[vt->nparams++] = 0;
    } else if (b >= '<' && b <= '?' && vt->nparams == 1 && vt->param[0] == 0 && !vt->private_mark) {
        vt->private_mark = b;
    } else if (b >= 0x20 && b < 0x30 && !vt->csi_inter) {
        vt->csi_inter = b;
    } else if (b >= '@' && b <= '~') {
        vt->state = VT_GROUND;
        vt_csi_run(vt, b);
    } else {
        vt->state = VT_CSI_IGNORE;
    }
}

static void escape_final(struct vt_engine *vt, u8 b)
{
    switch (b) {
    case '7': vt_cursor_save(vt); break;
    case '8': vt_cursor_restore(vt); break;
    case 'c': vt_reset(vt); break;
    case 'D': vt_line_feed(vt); break;
    case 'E': vt->col = 0; vt_line_feed(vt); break;
    case 'H': bitmap_set(vt->tabs, vt->col); break;
    case 'M': vt_reverse_line_feed(vt); break;
    case 'Z': vt->out.reply(vt->out.ctx, "\33[?6c", 5); break;
    case '=': vt_private_mode(vt, 66, true); break;
    case '>': vt_private_mode(vt, 66, false); break;
    }
}

static void escape(struct vt_engine *vt, u8 b)
{
    vt->state = VT_GROUND;
    if (b == '[') {
        csi_begin(vt);
    } else if (b == ']') {
        vt->state = VT_OSC;
    } else if (b == 'P' || b == 'X' || b == '^' || b == '_') {
        vt->state = VT_STRING;
    } else if (b >= 0x20 && b < 0x30) {
        vt->state = VT_ESCAPE_INTER;
        vt->inter = b;
    } else {
        escape_final(vt, b);
    }
}

static void escape_inter(struct vt_engine *vt, u8 b)
{
    vt->state = VT_GROUND;
    if (vt->inter == '(' || vt->inter == ')')
        vt->charset[vt->inter == ')'] = b == '0' ? '0' : 'B';
    else if (vt->inter == '#' && b == '8')
        vt_test_picture(vt);
}

/* C0 controls work in the middle of a sequence too (ECMA-48 leaves it open, the VT102 does it). */
static void control(struct vt_engine *vt, u8 b)
{
    if (vt->utf8_left > 0) {
        vt->utf8_left = 0;
        print(vt, REPLACEMENT);
    }
    switch (b) {
    case '\b': vt_move(vt, vt->row, vt->col - (vt->col > 0)); break;
    case '\t': vt_tab(vt, false); break;
    case '\n': case '\v': case '\f':
        vt->col = vt->newline ? 0 : vt->col;
        vt_line_feed(vt);
        break;
    case '\r': vt_move(vt, vt->row, 0); break;
    case 0x0e: vt->shift = 1; break;
    case 0x0f: vt->shift = 0; break;
    case 0x18: case 0x1a: vt->state = VT_GROUND; break; /* CAN and SUB end a sequence */
    case 0x1b: vt->state = VT_ESCAPE; break;
    }
}

/* Titles and device strings end with BEL or ESC \; a new ESC sequence ends them as well. */
static bool string(struct vt_engine *vt, u8 b)
{
    if (vt->state == VT_STRING_ESCAPE) {
        vt->state = b == '\\' ? VT_GROUND : VT_ESCAPE;
        return b == '\\';
    }
    if (b == 0x07 || b == 0x18 || b == 0x1a)
        vt->state = VT_GROUND;
    else if (b == 0x1b)
        vt->state = VT_STRING_ESCAPE;
    return true;
}

/* ESC ] P nrrggbb sets one of the sixteen colours, ESC ] R all of them back (man 4 console_codes). */
static void palette_digit(struct vt_engine *vt, u8 b)
{
    u32 digit = 16;

    if (b >= '0' && b <= '9')
        digit = b - '0';
    else if ((b | 32) >= 'a' && (b | 32) <= 'f')
        digit = (b | 32u) - 'a' + 10;
    if (digit == 16) {
        vt->state = VT_GROUND;
        return;
    }
    vt->palette_entry.value = vt->palette_entry.value << 4 | digit;
    if (++vt->palette_entry.ndigits < 7)
        return;
    vt->palette.named[vt->palette_entry.value >> 24 & 15] = vt->palette_entry.value & 0xffffff;
    vt->state = VT_GROUND;
}

static void osc(struct vt_engine *vt, u8 b)
{
    vt->state = b == 'P' ? VT_PALETTE : VT_GROUND;
    vt->palette_entry.value = vt->palette_entry.ndigits = 0;
    if (b == 'R')
        vt_palette_reset(vt);
}

static void feed(struct vt_engine *vt, u8 b)
{
    if (vt->state == VT_OSC && b != 'P' && b != 'R')
        vt->state = VT_STRING; /* xterm's, with a text */
    if ((vt->state == VT_STRING || vt->state == VT_STRING_ESCAPE) && string(vt, b))
        return;
    if (b < 0x20) {
        control(vt, b);
        return;
    }
    if (b == 0x7f)
        return;
    switch (vt->state) {
    case VT_GROUND: ground(vt, b); break;
    case VT_ESCAPE: escape(vt, b); break;
    case VT_ESCAPE_INTER: escape_inter(vt, b); break;
    case VT_CSI: csi(vt, b); break;
    case VT_OSC: osc(vt, b); break;
    case VT_PALETTE: palette_digit(vt, b); break;
    case VT_CSI_IGNORE:
        if (b >= '@' && b <= '~')
            vt->state = VT_GROUND;
        break;
    case VT_STRING: case VT_STRING_ESCAPE: break; /* taken above */
    }
}

/* How many of the bytes are plain ASCII that goes to the screen as it is. */
static size_t plain_run(const struct vt_engine *vt, const char *bytes, size_t n)
{
    size_t run = 0;

    if (vt->state != VT_GROUND || vt->utf8_left || vt->charset[vt->shift] == '0' || vt->insert)
        return 0;
    while (run < n && (u8)bytes[run] >= 0x20 && (u8)bytes[run] < 0x7f)
        run++;
    return run;
}

void vt_engine_write(struct vt_engine *vt, const char *bytes, size_t n)
{
    if (n)
        vt_engine_view_end(vt);
    for (size_t i = 0; i < n;) {
        size_t run = plain_run(vt, bytes + i, n - i);
        if (run)
            vt_put_ascii(vt, bytes + i, run);
        else
            feed(vt, (u8)bytes[i]);
        i += run ? run : 1;
    }
}
