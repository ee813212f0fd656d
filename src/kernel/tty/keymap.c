/* The US keyboard. Key codes are Linux's (linux/input-event-codes.h); keys that give sequences
 * give those of terminfo's entry `linux`, because that is what TERM says on this console. */
#include "tty/keymap.h"

enum { /* bits of `held` */
    HELD_LSHIFT = 1, HELD_RSHIFT = 2, HELD_LCTRL = 4, HELD_RCTRL = 8, HELD_LALT = 16, HELD_RALT = 32,
    HELD_CAPS = 64, HELD_NUM = 128,
};
#define HELD_SHIFT (HELD_LSHIFT | HELD_RSHIFT)
#define HELD_CTRL (HELD_LCTRL | HELD_RCTRL)
#define HELD_ALT (HELD_LALT | HELD_RALT)

enum {
    KEY_LEFTCTRL = 29, KEY_LEFTSHIFT = 42, KEY_RIGHTSHIFT = 54, KEY_LEFTALT = 56, KEY_CAPSLOCK = 58,
    KEY_NUMLOCK = 69, KEY_KP7 = 71, KEY_KPDOT = 83, 
    KEY_RIGHTCTRL = 97, KEY_RIGHTALT = 100,
    KEY_TAB = 15,
};

/* [key code] = { plain, with shift }. */
static const char layout_us[][2] = {
    [1] = { 27, 27 }, [2] = { '1', '!' }, [3] = { '2', '@' }, [4] = { '3', '#' }, [5] = { '4', '$' },
    [6] = { '5', '%' }, [7] = { '6', '^' }, [8] = { '7', '&' }, [9] = { '8', '*' }, [10] = { '9', '(' },
    [11] = { '0', ')' }, [12] = { '-', '_' }, [13] = { '=', '+' }, [14] = { 127, 127 },
    [15] = { '\t', '\t' }, [16] = { 'q', 'Q' }, [17] = { 'w', 'W' }, [18] = { 'e', 'E' },
    [19] = { 'r', 'R' }, [20] = { 't', 'T' }, [21] = { 'y', 'Y' }, [22] = { 'u', 'U' },
    [23] = { 'i', 'I' }, [24] = { 'o', 'O' }, [25] = { 'p', 'P' }, [26] = { '[', '{' },
    [27] = { ']', '}' }, [28] = { '\r', '\r' }, [30] = { 'a', 'A' }, [31] = { 's', 'S' },
    [32] = { 'd', 'D' }, [33] = { 'f', 'F' }, [34] = { 'g', 'G' }, [35] = { 'h', 'H' },
    [36] = { 'j', 'J' }, [37] = { 'k', 'K' }, [38] = { 'l', 'L' }, [39] = { ';', ':' },
    [40] = { '\'', '"' }, [41] = { '`', '~' }, [43] = { '\\', '|' }, [44] = { 'z', 'Z' },
    [45] = { 'x', 'X' }, [46] = { 'c', 'C' }, [47] = { 'v', 'V' }, [48] = { 'b', 'B' },
    [49] = { 'n', 'N' }, [50] = { 'm', 'M' }, [51] = { ',', '<' }, [52] = { '.', '>' },
    [53] = { '/', '?' }, [55] = { '*', '*' }, [57] = { ' ', ' ' }, [74] = { '-', '-' },
    [78] = { '+', '+' }, [86] = { '<', '>' }, [96] = { '\r', '\r' }, [98] = { '/', '/' },
};

/* [key code - KEY_KP7]: with num lock; without, the key code of the key it doubles. */
static const struct { char digit; u8 key; } keypad[] = {
    { '7', 102 }, { '8', 103 }, { '9', 104 }, { 0, 0 } /* minus */, { '4', 105 }, { '5', 76 },
    { '6', 106 }, { 0, 0 } /* plus */, { '1', 107 }, { '2', 108 }, { '3', 109 }, { '0', 110 },
    { '.', 111 },
};

static const struct { u8 key; char seq[6]; } sequences[] = {
    { 59, "\33[[A" }, { 60, "\33[[B" }, { 61, "\33[[C" }, { 62, "\33[[D" }, { 63, "\33[[E" }, /* F1.. */
    { 64, "\33[17~" }, { 65, "\33[18~" }, { 66, "\33[19~" }, { 67, "\33[20~" }, { 68, "\33[21~" },
    { 87, "\33[23~" }, { 88, "\33[24~" },                                             /* F11, F12 */
    { 76, "\33[G" },                                                                  /* keypad 5 */
    { 102, "\33[1~" }, { 107, "\33[4~" }, { 104, "\33[5~" }, { 109, "\33[6~" }, /* home end pages */
    { 103, "\33[A" }, { 108, "\33[B" }, { 106, "\33[C" }, { 105, "\33[D" },             /* arrows */
    { 110, "\33[2~" }, { 111, "\33[3~" },                                      /* insert, delete */
};

static u16 held_bit(u16 code)
{
    switch (code) {
    case KEY_LEFTSHIFT: return HELD_LSHIFT;
    case KEY_RIGHTSHIFT: return HELD_RSHIFT;
    case KEY_LEFTCTRL: return HELD_LCTRL;
    case KEY_RIGHTCTRL: return HELD_RCTRL;
    case KEY_LEFTALT: return HELD_LALT;
    case KEY_RIGHTALT: return HELD_RALT;
    case KEY_CAPSLOCK: return HELD_CAPS;
    case KEY_NUMLOCK: return HELD_NUM;
    default: return 0;
    }
}

/* A held lock key repeats: only its first press counts. True if a lamp changes. */
static bool held_change(struct keymap_state *k, u16 bit, bool pressed)
{
    bool first = pressed && !(k->held & bit);

    k->held = (u16)(pressed ? k->held | bit : k->held & ~bit);
    if (first && bit == HELD_CAPS)
        k->caps = !k->caps;
    else if (first && bit == HELD_NUM)
        k->num = !k->num;
    else
        return false;
    return true;
}

static unsigned sequence_of(u16 code, char *out)
{
    for (unsigned i = 0; i < ARRAY_SIZE(sequences); i++) {
        if (sequences[i].key != code)
            continue;
        unsigned n = 0;
        for (; n < sizeof(sequences[i].seq) && sequences[i].seq[n]; n++)
            out[n] = sequences[i].seq[n];
        return n;
    }
    return 0;
}

/* What control makes of a character; some digits stand for controls that need shift (as Linux). */
static char control_of(char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c & 0x1f);
    if (c >= '@' && c <= '_')
        return (char)(c & 0x1f);
    switch (c) {
    case ' ': case '2': case '`': return 0;
    case '3': return 0x1b;
    case '4': return 0x1c;
    case '5': return 0x1d;
    case '6': case '~': return 0x1e;
    case '7': case '-': case '/': return 0x1f;
    case '8': case '?': return 0x7f;
    default: return c;
    }
}

static char character_of(const struct keymap_state *k, u16 code)
{
    bool shift = k->held & HELD_SHIFT;
    char plain = layout_us[code][0];

    if (k->caps && plain >= 'a' && plain <= 'z')
        shift = !shift;
    char c = layout_us[code][shift];
    return k->held & HELD_CTRL ? control_of(c) : c;
}

/* The keypad's two meanings: a digit, or the key code of the other key. */
static u16 keypad_resolve(const struct keymap_state *k, u16 code, char *digit)
{
    *digit = 0;
    if (code < KEY_KP7 || code > KEY_KPDOT || !keypad[code - KEY_KP7].digit)
        return code;
    if (k->num && !(k->held & HELD_SHIFT))
        *digit = keypad[code - KEY_KP7].digit;
    return keypad[code - KEY_KP7].key;
}

bool keymap_shift(const struct keymap_state *k) { return k->held & HELD_SHIFT; }
bool keymap_alt(const struct keymap_state *k) { return k->held & HELD_ALT; }

unsigned keymap_feed(struct keymap_state *k, u16 code, bool pressed, char out[8], bool *leds_changed)
{
    u16 bit = held_bit(code);
    unsigned n = 0;
    char digit;

    *leds_changed = bit && held_change(k, bit, pressed);
    if (bit || !pressed)
        return 0;
    code = keypad_resolve(k, code, &digit);
    if (k->held & HELD_ALT)
        out[n++] = 27;
    if (digit) {
        out[n++] = digit;
        return n;
    }
    if (code == KEY_TAB && (k->held & HELD_SHIFT)) {
        out[n++] = 27, out[n++] = '[', out[n++] = 'Z';
        return n;
    }
    if (code < ARRAY_SIZE(layout_us) && layout_us[code][0]) {
        out[n++] = character_of(k, code);
        return n;
    }
    unsigned len = sequence_of(code, out + n);
    return len ? n + len : 0;
}
