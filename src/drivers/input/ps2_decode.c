/* Set 1: one byte a key, bit 7 set on release; 0xE0 announces the keys that came with the 101-key
 * keyboard; 0xE1 the Pause key alone (IBM PS/2 technical reference, keyboard; Linux numbers the
 * plain keys by these very codes, so most of the table is the identity).
 *
 * No byte sequence can lead astray for more than the two bytes behind 0xE1. */
#include "ps2_decode.h"

#define PREFIX_EXTENDED 0xe0
#define PREFIX_PAUSE 0xe1
#define RELEASE 0x80
#define KEY_PAUSE 119
#define SCAN_LAST_PLAIN 0x58 /* F12 */

static const u8 extended[128] = {
    [0x1c] = 96 /* keypad enter */, [0x1d] = 97 /* right ctrl */, [0x35] = 98 /* keypad slash */,
    [0x37] = 99 /* print screen */, [0x38] = 100 /* right alt */, [0x46] = KEY_PAUSE /* ctrl-break */,
    [0x47] = 102 /* home */, [0x48] = 103 /* up */, [0x49] = 104 /* page up */, [0x4b] = 105 /* left */,
    [0x4d] = 106 /* right */, [0x4f] = 107 /* end */, [0x50] = 108 /* down */,
    [0x51] = 109 /* page down */, [0x52] = 110 /* insert */, [0x53] = 111 /* delete */,
    [0x5b] = 125 /* left meta */, [0x5c] = 126 /* right meta */, [0x5d] = 127 /* menu */,
    [0x5e] = 116 /* power */,
};

static u16 plain_code(u8 scan)
{
    /* 0x54 is Alt+PrintScreen; 0x55 is no key. */
    if (scan == 0x54)
        return 99;
    return scan <= SCAN_LAST_PLAIN && scan != 0x55 ? scan : 0;
}

/* 0xE1 1D 45 is Pause going down, 0xE1 9D C5 going up. */
static bool pause_feed(struct ps2_decoder *d, u8 byte, u16 *code, bool *pressed)
{
    if (++d->pause_bytes < 2)
        return false;
    d->prefix = 0;
    *code = KEY_PAUSE;
    *pressed = !(byte & RELEASE);
    return (byte & (u8)~RELEASE) == 0x45;
}

bool ps2_decode(struct ps2_decoder *d, u8 byte, u16 *code, bool *pressed)
{
    if (d->prefix == PREFIX_PAUSE)
        return pause_feed(d, byte, code, pressed);
    if (byte == PREFIX_EXTENDED || byte == PREFIX_PAUSE) {
        d->prefix = byte;
        d->pause_bytes = 0;
        return false;
    }
    /* E0 2A and E0 36 are shifts that the keyboard makes up around the grey keys: not in the
     * table, hence no key. */
    u8 scan = byte & (u8)~RELEASE;
    *code = d->prefix ? extended[scan] : plain_code(scan);
    *pressed = !(byte & RELEASE);
    d->prefix = 0;
    return *code != 0;
}
