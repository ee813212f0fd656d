/* Bytes of a terminal -> keys: UTF-8, and the escape sequences of xterm, the Linux console and their relatives
 * (ECMA-48 5.4: CSI, parameters, final byte). Pure. */
#include "keys.h"

#include <stdbool.h>
#include <string.h>

size_t utf8_encode(unsigned code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(0xf00 >> len | code); /* as many leading ones as bytes: RFC 3629, section 3 */
    return len;
}

/* How many bytes a character has that begins so; 1 for what begins none. */
static size_t utf8_length(unsigned char lead)
{
    return lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 1;
}

size_t utf8_decode(const char *text, size_t len, unsigned *code)
{
    unsigned char lead = (unsigned char)*text;
    size_t need = utf8_length(lead);
    *code = lead;
    if (need == 1 || need > len)
        return 1;
    unsigned value = lead & (0x7fu >> need);
    for (size_t i = 1; i < need; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 1;
        value = value << 6 | ((unsigned char)text[i] & 0x3f);
    }
    *code = value;
    return need;
}

unsigned char_width(unsigned code)
{
    static const unsigned wide[][2] = { /* Unicode, East Asian Width: W and F, in coarse ranges */
        { 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
        { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f }, { 0x1f900, 0x1f9ff },
        { 0x20000, 0x3fffd },
    };
    if ((code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f) || (code >= 0xfe00 && code <= 0xfe0f))
        return 0;
    for (size_t i = 0; code >= 0x1100 && i < sizeof wide / sizeof *wide; i++)
        if (code >= wide[i][0] && code <= wide[i][1])
            return 2;
    return 1;
}

static unsigned finish(struct key_decoder *decoder, unsigned key)
{
    decoder->state = KEYS_PLAIN;
    return key;
}

/* The final byte of "CSI params final" and of "SS3 final". */
static unsigned letter_key(const struct key_decoder *decoder, unsigned char final)
{
    bool modified = decoder->nparams > 1 && decoder->params[1] > 1; /* with Alt or Ctrl: by words */
    switch (final) {
    case 'A': return KEY_UP;
    case 'B': return KEY_DOWN;
    case 'C': return modified ? KEY_WORD_RIGHT : KEY_RIGHT;
    case 'D': return modified ? KEY_WORD_LEFT : KEY_LEFT;
    case 'H': return KEY_HOME;
    case 'F': return KEY_END;
    case 'R': return decoder->nparams > 1 ? KEY_REPORT : KEY_UNKNOWN;
    }
    return KEY_UNKNOWN;
}

static unsigned tilde_key(unsigned number)
{
    switch (number) {
    case 1: case 7: return KEY_HOME;
    case 2: return KEY_INSERT;
    case 3: return KEY_DELETE;
    case 4: case 8: return KEY_END;
    case 5: return KEY_PAGE_UP;
    case 6: return KEY_PAGE_DOWN;
    case 200: return KEY_PASTE_BEGIN;
    case 201: return KEY_PASTE_END;
    }
    return KEY_UNKNOWN;
}

static unsigned csi_byte(struct key_decoder *decoder, unsigned char byte)
{
    unsigned *last = &decoder->params[decoder->nparams ? decoder->nparams - 1 : 0];
    if (byte == '[' && decoder->nparams == 0) { /* the Linux console's F1 to F5 */
        decoder->state = KEYS_LINUX_F;
        return KEY_NONE;
    }
    if (byte >= '0' && byte <= '9') {
        decoder->nparams += decoder->nparams == 0;
        *last = *last < 10000 ? *last * 10 + byte - '0' : *last;
        return KEY_NONE;
    }
    if (byte == ';') {
        decoder->nparams += decoder->nparams == 0;
        if (decoder->nparams < sizeof decoder->params / sizeof *decoder->params)
            decoder->params[decoder->nparams++] = 0;
        return KEY_NONE;
    }
    if (byte >= 0x40 && byte < 0x7f)
        return finish(decoder, byte == '~' ? tilde_key(decoder->params[0]) : letter_key(decoder, byte));
    if (byte < 0x20) /* no sequence has one inside: it was broken off */
        return finish(decoder, byte);
    return KEY_NONE;
}

static unsigned escape_byte(struct key_decoder *decoder, unsigned char byte)
{
    memset(decoder->params, 0, sizeof decoder->params);
    decoder->nparams = 0;
    if (byte == '[' || byte == 'O') {
        decoder->state = byte == '[' ? KEYS_CSI : KEYS_SS3;
        return KEY_NONE;
    }
    if (byte == 033)
        return KEY_NONE;
    if (byte == 3 || byte == 4) /* whoever pressed Esc before ^C or ^D wants out */
        return finish(decoder, byte);
    return finish(decoder, byte < 0x80 ? KEY_META + byte : KEY_UNKNOWN);
}

static unsigned plain_byte(struct key_decoder *decoder, unsigned char byte)
{
    size_t len = utf8_length(byte);
    if (byte == 033) {
        decoder->state = KEYS_ESCAPE;
        return KEY_NONE;
    }
    if (len == 1)
        return byte < 0x80 ? byte : KEY_UNKNOWN;
    decoder->state = KEYS_UTF8;
    decoder->left = (unsigned)len - 1;
    decoder->code = byte & (0x7fu >> len);
    return KEY_NONE;
}

unsigned key_decode(struct key_decoder *decoder, unsigned char byte)
{
    switch (decoder->state) {
    case KEYS_UTF8:
        if ((byte & 0xc0) != 0x80) {
            decoder->state = KEYS_PLAIN; /* broken off: what comes now counts */
            return plain_byte(decoder, byte);
        }
        decoder->code = decoder->code << 6 | (byte & 0x3f);
        return --decoder->left ? KEY_NONE : finish(decoder, decoder->code);
    case KEYS_ESCAPE: return escape_byte(decoder, byte);
    case KEYS_CSI: return csi_byte(decoder, byte);
    case KEYS_SS3: return finish(decoder, letter_key(decoder, byte));
    case KEYS_LINUX_F: return finish(decoder, KEY_UNKNOWN);
    case KEYS_PLAIN: break;
    }
    return plain_byte(decoder, byte);
}
