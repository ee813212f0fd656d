/* A key's journey to bytes: is it a modifier or a lock, a key of the keypad, one that prints nothing, or a
 * character, which the layout names and control and alt change. Key codes are Linux's
 * (linux/input-event-codes.h). */
#include "tty/keymap_priv.h"

enum { MOD_SHIFT, MOD_ALTGR, MOD_CTRL, MOD_ALT, MOD_COUNT }; /* KG_* of linux/keyboard.h: bit in a table's number */
enum { COUNTS_AS_LOCK = MOD_COUNT + 1 };
enum { KEY_UP_FIRST = 103, KEY_DOWN_LAST = 108 }; /* between them the arrows, and keys whose bytes are four */
enum { SPEC_ENTER = 1, SPEC_CAPS = 7, SPEC_NUM = 8, SPEC_COMPOSE = 14 }; /* K_ENTER and so on, there */

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

char keymap_us(u16 code) { return code < ARRAY_SIZE(layout_us) ? layout_us[code][0] : 0; }

void keymap_layout_init(struct keymap_layout *l)
{
    static const struct { u8 key; u16 sym; } others[] = {
        { 42, KEYMAP_SYM(KEYMAP_SHIFT, MOD_SHIFT) }, { 54, KEYMAP_SYM(KEYMAP_SHIFT, MOD_SHIFT) },
        { 29, KEYMAP_SYM(KEYMAP_SHIFT, MOD_CTRL) }, { 97, KEYMAP_SYM(KEYMAP_SHIFT, MOD_CTRL) },
        { 56, KEYMAP_SYM(KEYMAP_SHIFT, MOD_ALT) }, { 100, KEYMAP_SYM(KEYMAP_SHIFT, MOD_ALT) },
        { 58, KEYMAP_SYM(KEYMAP_SPEC, SPEC_CAPS) }, { 69, KEYMAP_SYM(KEYMAP_SPEC, SPEC_NUM) },
        { 127, KEYMAP_SYM(KEYMAP_SPEC, SPEC_COMPOSE) },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(layout_us); i++)
        for (unsigned shift = 0; shift < 2; shift++)
            l->sym[shift][i] = (u8)layout_us[i][shift];
    for (unsigned i = 0; i < ARRAY_SIZE(others); i++)
        l->sym[0][others[i].key] = others[i].sym;
    keymap_accents_init(l);
}

static bool is_typed(u16 sym) { return sym >= 0xf000; }
static unsigned type_of(u16 sym) { return is_typed(sym) ? sym >> 8 & 15 : KEYMAP_LATIN; }
static unsigned value_of(u16 sym) { return sym & 0xff; }

bool keymap_shift(const struct keymap_state *k) { return k->down[MOD_SHIFT]; }
bool keymap_ctrl(const struct keymap_state *k) { return k->down[MOD_CTRL]; }
bool keymap_alt(const struct keymap_state *k) { return k->down[MOD_ALT]; }

static bool lock_toggle(struct keymap_state *k, u16 sym)
{
    if (type_of(sym) == KEYMAP_LOCK)
        k->locked ^= (u8)(1u << (value_of(sym) % MOD_COUNT));
    else if (value_of(sym) == SPEC_CAPS)
        k->caps = !k->caps;
    else
        k->num = !k->num;
    return true;
}

/* What a key counts as while it is down, by its plain symbol; 0: an ordinary key. */
static u8 role_of(u16 sym)
{
    if (!is_typed(sym))
        return 0;
    if (type_of(sym) == KEYMAP_SHIFT && value_of(sym) < MOD_COUNT)
        return (u8)(value_of(sym) + 1);
    bool lock = type_of(sym) == KEYMAP_LOCK ||
                (type_of(sym) == KEYMAP_SPEC && (value_of(sym) == SPEC_CAPS || value_of(sym) == SPEC_NUM));
    return lock ? COUNTS_AS_LOCK : 0;
}

/* Left and right count apart. A key that is held repeats: only its first press counts; and it is let go
 * as what it was pressed as, even if the layout has changed. True if this was such a key. */
static bool modifier_feed(struct keymap_state *k, u16 sym, u16 code, bool pressed, bool *leds_changed)
{
    u8 was = k->counts_as[code], role = was ? was : role_of(sym);

    if (!role)
        return false;
    if (pressed && !was) {
        k->counts_as[code] = role;
        if (role == COUNTS_AS_LOCK)
            *leds_changed = lock_toggle(k, sym);
        else
            k->down[role - 1]++;
    } else if (!pressed && was) {
        k->counts_as[code] = 0;
        if (role != COUNTS_AS_LOCK)
            k->down[role - 1]--;
    }
    return true;
}

static unsigned tables_bits(const struct keymap_state *k)
{
    unsigned bits = 0;

    for (unsigned m = 0; m < MOD_COUNT; m++)
        bits |= k->down[m] ? 1u << m : 0;
    return bits ^ k->locked;
}

static bool is_pair(u16 small, u16 capital)
{
    bool ascii = small >= 'a' && small <= 'z' && capital == small - 32;
    bool latin1 = small >= 0xe0 && small <= 0xfe && capital == small - 32;
    bool cyrillic = (small >= 0x430 && small <= 0x44f && capital == small - 32) ||
                    (small >= 0x450 && small <= 0x45f && capital == small - 80);

    return ascii || latin1 || cyrillic;
}

static u16 letter(u16 sym)
{
    return is_typed(sym) && (type_of(sym) == KEYMAP_LATIN || type_of(sym) == KEYMAP_LETTER) ? (u16)value_of(sym) : sym;
}

/* Caps lock is shift, for letters only. */
static u16 sym_find(const struct keymap_state *k, const struct keymap_layout *l, u16 code, unsigned table)
{
    unsigned base = table & ~1u;

    if (k->caps && (is_pair(letter(l->sym[base][code]), letter(l->sym[base | 1][code])) ||
                    type_of(l->sym[base][code]) == KEYMAP_LETTER))
        table ^= 1;
    return l->sym[table][code];
}

static u32 dead_of(u16 sym)
{
    static const u8 marks[] = { '`', '\'', '^', '~', '"', ',' }; /* K_DGRAVE and so on */

    if (type_of(sym) == KEYMAP_DEAD2)
        return value_of(sym);
    return type_of(sym) == KEYMAP_DEAD && value_of(sym) < ARRAY_SIZE(marks) ? marks[value_of(sym)] : 0;
}

/* Written as UTF-8 (RFC 3629); symbols are at most 16 bits wide, pairs may be more. */
static unsigned utf8_put(u32 ch, char *out)
{
    if (ch < 0x80) {
        out[0] = (char)ch;
        return 1;
    }
    unsigned more = ch < 0x800 ? 1 : ch < 0x10000 ? 2 : 3;
    out[0] = (char)(0xff << (7 - more) | ch >> 6 * more);
    for (unsigned i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (ch >> 6 * (more - i) & 0x3f));
    return more + 1;
}

static unsigned composed_put(struct keymap_state *k, const struct keymap_layout *l, u32 ch, bool dead, char *out)
{
    u32 chars[2];
    unsigned nchars = keymap_compose(k, l, ch, dead, chars), n = 0;

    for (unsigned i = 0; i < nchars; i++)
        n += utf8_put(chars[i], out + n);
    return n;
}

static unsigned sym_put(struct keymap_state *k, const struct keymap_layout *l, u16 sym, char *out)
{
    u32 dead = dead_of(sym);

    if (dead)
        return composed_put(k, l, dead, true, out);
    if (!is_typed(sym) || type_of(sym) == KEYMAP_LATIN || type_of(sym) == KEYMAP_LETTER)
        return composed_put(k, l, is_typed(sym) ? value_of(sym) : sym, false, out);
    if (type_of(sym) == KEYMAP_META) {
        out[0] = 27;
        return 1 + utf8_put(value_of(sym), out + 1);
    }
    if (type_of(sym) != KEYMAP_SPEC)
        return 0;
    if (value_of(sym) == SPEC_COMPOSE) {
        k->composing = !k->composing;
        k->dead = 0;
    }
    out[0] = '\r';
    return value_of(sym) == SPEC_ENTER;
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

/* Of a key whose table with control or alt is silent. A letter that control cannot change is taken as
 * the US keyboard has it: ^C must work in every script. */
static unsigned ruled_put(struct keymap_state *k, const struct keymap_layout *l, u16 code, unsigned table, char *out)
{
    u16 sym = letter(sym_find(k, l, code, table & 3));
    unsigned n = 0;

    if (!sym)
        return 0;
    if (table & 1u << MOD_ALT)
        out[n++] = 27;
    if (!(table & 1u << MOD_CTRL))
        return n + sym_put(k, l, sym, out + n);
    out[n++] = control_of(sym < 0x80 ? (char)sym : keymap_us(code));
    return n;
}

static unsigned key_put(struct keymap_state *k, const struct keymap_layout *l, u16 code, char *out)
{
    unsigned table = tables_bits(k);
    unsigned mod = (table & 1) | (table >> MOD_ALT & 1) << 1 | (table >> MOD_CTRL & 1) << 2;
    char digit;
    u16 key = keymap_keypad(code, &digit);

    if (digit && k->num && !(table & 1)) {
        out[0] = 27;
        out[table >> MOD_ALT & 1] = digit;
        return 1 + (table >> MOD_ALT & 1);
    }
    if (k->app_keypad && !k->num && !mod && keymap_application(code, out))
        return 3;
    unsigned n = keymap_sequence(key, digit ? mod & ~1u : mod, out);
    if (k->app_cursor && n == 3 && key >= KEY_UP_FIRST && key <= KEY_DOWN_LAST)
        out[1] = 'O';
    if (n || code >= KEYMAP_KEYS)
        return n;
    u16 sym = sym_find(k, l, code, table);
    return sym ? sym_put(k, l, sym, out) : table >> MOD_CTRL ? ruled_put(k, l, code, table, out) : 0;
}

unsigned keymap_feed(struct keymap_state *k, const struct keymap_layout *l, u16 code, bool pressed,
                     char out[KEYMAP_OUT_MAX], bool *leds_changed)
{
    *leds_changed = false;
    if (code < KEYMAP_KEYS && modifier_feed(k, l->sym[0][code], code, pressed, leds_changed))
        return 0;
    return pressed ? key_put(k, l, code, out) : 0;
}
