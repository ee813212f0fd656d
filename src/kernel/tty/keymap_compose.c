/* Two characters that become one: after a dead key, or after compose (man 5 keymaps, "compose").
 *
 *   dead key d:       nothing yet; then c -> the pair (d, c); space or d again -> d itself
 *   compose, d, c:    the pair (d, c), or (c, d)
 *
 * A pair that the table does not know stays two characters: nothing typed is lost. */
#include "tty/keymap_priv.h"

struct row { u32 diacr; const u32 *pairs; };

/* base, result, ...; what Latin alphabets have, by their accent. */
static const struct row rows[] = {
    { '`', U"AÀEÈIÌOÒUÙaàeèiìoòuùNǸnǹ" },
    { '\'', U"AÁEÉIÍOÓUÚYÝaáeéiíoóuúyýCĆcćLĹlĺNŃnńRŔrŕSŚsśZŹzź" },
    { '^', U"AÂEÊIÎOÔUÛaâeêiîoôuûCĈcĉGĜgĝHĤhĥJĴjĵSŜsŝWŴwŵYŶyŷ" },
    { '~', U"AÃNÑOÕaãnñoõIĨiĩUŨuũ" },
    { '"', U"AÄEËIÏOÖUÜaäeëiïoöuüyÿYŸ" },
    { ',', U"CÇcçSŞsşTŢtţKĶkķLĻlļNŅnņ" },
    { 'o', U"AÅaåUŮuů" },
    { 'v', U"CČcčDĎdďEĚeěNŇnňRŘrřSŠsšTŤtťZŽzž" },
    { 'a', U"eæ" }, { 'A', U"EÆ" }, { 's', U"sß" }, { '/', U"OØoø" }, { 'O', U"EŒ" }, { 'c', U"o©=€" },
    { '=', U"e€E€" }, { 'L', U"-£" }, { '<', U"<«" }, { '>', U">»" }, { '!', U"!¡" }, { '?', U"?¿" },
    { '+', U"-±" }, { '-', U"DÐdðLŁlł" }, { 't', U"hþ" }, { 'T', U"HÞ" }, { '1', U"2½4¼" },
};

/* A dead key may be named by the mark as it stands alone. */
static u32 plain_mark(u32 ch)
{
    switch (ch) {
    case 0xb4: return '\'';
    case 0xa8: return '"';
    case 0xb8: return ',';
    case 0xb0: return 'o';
    case 0x2c7: return 'v';
    default: return ch;
    }
}

void keymap_accents_init(struct keymap_layout *l)
{
    l->naccents = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        for (const u32 *p = rows[i].pairs; *p && l->naccents < KEYMAP_ACCENTS_MAX; p += 2)
            l->accent[l->naccents++] = (struct keymap_accent){ rows[i].diacr, p[0], p[1] };
}

static u32 pair_find(const struct keymap_layout *l, u32 diacr, u32 base)
{
    u32 mark = plain_mark(diacr);

    for (unsigned i = 0; i < l->naccents; i++)
        if ((l->accent[i].diacr == diacr || l->accent[i].diacr == mark) && l->accent[i].base == base)
            return l->accent[i].result;
    return 0;
}

unsigned keymap_compose(struct keymap_state *k, const struct keymap_layout *l, u32 ch, bool is_dead, u32 out[2])
{
    u32 first = k->dead;

    if (!first) {
        if (is_dead || k->composing) {
            k->dead = ch;
            return 0;
        }
        out[0] = ch;
        return 1;
    }
    u32 one = pair_find(l, first, ch);
    if (!one && k->composing)
        one = pair_find(l, ch, first);
    if (!one && !k->composing && (ch == ' ' || ch == first))
        one = first;
    k->dead = 0;
    k->composing = false;
    out[0] = one ? one : first;
    out[1] = ch;
    return one ? 1 : 2;
}
