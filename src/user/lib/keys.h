/* A terminal's bytes as keys, and UTF-8: for whatever is driven by keys. Nothing here waits for a time: an escape
 * sequence ends where its bytes end, and what the terminal reports comes in like a key. */
#pragma once
#include <stddef.h>

/* Above all characters. KEY_META is added to a character typed with Alt or behind ESC. */
enum {
    KEY_NONE = 0x110000, /* in the middle of a sequence */
    KEY_UP, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_HOME, KEY_END, KEY_DELETE, KEY_INSERT, KEY_PAGE_UP, KEY_PAGE_DOWN,
    KEY_WORD_LEFT, KEY_WORD_RIGHT, KEY_PASTE_BEGIN, KEY_PASTE_END,
    KEY_REPORT,  /* the terminal says where its cursor is: decoder.params */
    KEY_UNKNOWN, /* a sequence nobody knows, read to its end */
    KEY_META = 0x200000,
};

struct key_decoder {
    enum { KEYS_PLAIN, KEYS_UTF8, KEYS_ESCAPE, KEYS_CSI, KEYS_SS3, KEYS_LINUX_F } state;
    unsigned code, left; /* KEYS_UTF8 */
    unsigned params[4], nparams;
};

unsigned key_decode(struct key_decoder *decoder, unsigned char byte);
size_t utf8_encode(unsigned code, char out[4]);
/* The character at text (len > 0 bytes are there): how many bytes; a stray byte is one, with *code its value. */
size_t utf8_decode(const char *text, size_t len, unsigned *code);
unsigned char_width(unsigned code); /* cells: 0, 1 or 2 */
