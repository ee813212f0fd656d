/* Keys that print nothing, and the keypad. Alone they send what terminfo's entry `linux` says, because
 * that is what TERM says on this console; with modifiers xterm's form, which that entry leaves open:
 * ESC [ 1 ; m A or ESC [ 5 ; m ~ where m is 1 + shift 1 + alt 2 + control 4 (xterm, ctlseqs, "PC-Style
 * Function Keys"). */
#include "tty/keymap_priv.h"

#define KEY_TAB 15
#define KEY_KP7 71
#define KEY_KPDOT 83
#define KEY_KPASTERISK 55
#define KEY_KPENTER 96
#define KEY_KPSLASH 98

static const struct { u8 key; char plain[6]; u8 number; char final; } keys[] = {
    { 59, "\33[[A", 1, 'P' }, { 60, "\33[[B", 1, 'Q' }, { 61, "\33[[C", 1, 'R' }, { 62, "\33[[D", 1, 'S' }, /* F1.. */
    { 63, "\33[[E", 15, '~' }, { 64, "\33[17~", 17, '~' }, { 65, "\33[18~", 18, '~' }, { 66, "\33[19~", 19, '~' },
    { 67, "\33[20~", 20, '~' }, { 68, "\33[21~", 21, '~' }, { 87, "\33[23~", 23, '~' }, { 88, "\33[24~", 24, '~' },
    { 76, "\33[G", 1, 'E' },                                                                   /* keypad 5 */
    { 102, "\33[1~", 1, 'H' }, { 107, "\33[4~", 1, 'F' }, { 104, "\33[5~", 5, '~' }, { 109, "\33[6~", 6, '~' },
    { 103, "\33[A", 1, 'A' }, { 108, "\33[B", 1, 'B' }, { 106, "\33[C", 1, 'C' }, { 105, "\33[D", 1, 'D' },
    { 110, "\33[2~", 2, '~' }, { 111, "\33[3~", 3, '~' },                          /* insert, delete */
    { 119, "\33[P", 0, 0 },                                                                       /* pause */
};

static unsigned text_put(char *out, const char *text, size_t size)
{
    unsigned n = 0;

    for (; n < size && text[n]; n++)
        out[n] = text[n];
    return n;
}

static unsigned modified_put(char *out, unsigned number, unsigned mod, char final)
{
    unsigned n = 0;

    out[n++] = 27, out[n++] = '[';
    if (number >= 10)
        out[n++] = (char)('0' + number / 10);
    out[n++] = (char)('0' + number % 10);
    out[n++] = ';', out[n++] = (char)('1' + mod), out[n++] = final;
    return n;
}

unsigned keymap_sequence(u16 code, unsigned mod, char out[KEYMAP_OUT_MAX])
{
    if (code == KEY_TAB && mod == 1)
        return text_put(out, "\33[Z", 4);
    for (unsigned i = 0; i < ARRAY_SIZE(keys); i++)
        if (keys[i].key == code)
            return mod && keys[i].final ? modified_put(out, keys[i].number, mod, keys[i].final)
                                        : text_put(out, keys[i].plain, sizeof(keys[i].plain));
    return 0;
}

/* [key code - KEY_KP7] */
static const struct { char digit; u8 key; } keypad[] = {
    { '7', 102 }, { '8', 103 }, { '9', 104 }, { 0, 0 } /* minus */, { '4', 105 }, { '5', 76 },
    { '6', 106 }, { 0, 0 } /* plus */, { '1', 107 }, { '2', 108 }, { '3', 109 }, { '0', 110 },
    { '.', 111 },
};

u16 keymap_keypad(u16 code, char *digit)
{
    *digit = 0;
    if (code < KEY_KP7 || code > KEY_KPDOT || !keypad[code - KEY_KP7].digit)
        return code;
    *digit = keypad[code - KEY_KP7].digit;
    return keypad[code - KEY_KP7].key;
}

/* The letters of Linux's console in application mode: digits p to y, then the others. */
bool keymap_application(u16 code, char out[KEYMAP_OUT_MAX])
{
    static const char block[KEY_KPDOT - KEY_KP7 + 1] = {
        'w', 'x', 'y', 'S', /* 7 8 9 - */ 't', 'u', 'v', 'l', /* 4 5 6 + */ 'q', 'r', 's', 'p', 'n', /* 1 2 3 0 . */
    };
    char letter = 0;

    if (code >= KEY_KP7 && code <= KEY_KPDOT)
        letter = block[code - KEY_KP7];
    else if (code == KEY_KPASTERISK)
        letter = 'R';
    else if (code == KEY_KPENTER)
        letter = 'M';
    else if (code == KEY_KPSLASH)
        letter = 'Q';
    out[0] = 27, out[1] = 'O', out[2] = letter;
    return letter;
}
