/* Splitting and searching the kernel command line. It comes from whoever edits GRUB's menu, so
 * anything is accepted and nothing is trusted to have an end. */
#include "dev/cmdline.h"
#include "lib/string.h"

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* Copies one word without its quotes. Returns its length; *text moves behind it. The result may be
 * larger than size: then only what fits was copied. */
static size_t word_copy(char *out, size_t size, const char **text)
{
    size_t n = 0;
    bool quoted = false;
    const char *p = *text;
    for (; *p && (quoted || !is_blank(*p)); p++) {
        if (*p == '"') {
            quoted = !quoted;
            continue;
        }
        if (n < size)
            out[n] = *p;
        n++;
    }
    *text = p;
    return n;
}

size_t cmdline_split(char *out, size_t size, const char *text)
{
    size_t used = 0;
    for (;;) {
        while (is_blank(*text))
            text++;
        if (!*text)
            return used;
        size_t n = word_copy(out + used, size - used, &text);
        if (n >= size - used)
            return used;
        out[used + n] = '\0';
        if (strcmp(out + used, "--") == 0)
            return used;
        if (n)
            used += n + 1;
    }
}

const char *cmdline_find(const char *words, size_t len, const char *key, unsigned nth)
{
    size_t key_len = strlen(key);
    for (const char *w = words; w < words + len; w += strlen(w) + 1) {
        if (strncmp(w, key, key_len) != 0 || (w[key_len] != '\0' && w[key_len] != '='))
            continue;
        if (nth-- == 0)
            return w[key_len] ? w + key_len + 1 : w + key_len;
    }
    return NULL;
}
