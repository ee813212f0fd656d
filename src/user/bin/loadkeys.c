/* loadkeys: changes the keyboard's layout, for all consoles. The layouts are files that a person can
 * write (/usr/share/keymaps/us explains their form). A layout is read as a whole before anything changes;
 * then the keyboard starts from "us", so that nothing of the last layout is left. */
#include "../lib/util.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DIRECTORY "/usr/share/keymaps"
#define RIGHT_ALT 100
#define RIGHT_CTRL 97
enum { TABLES = 4, KEYS = 128, NONE = 0x2205 /* the empty set: this key types nothing here */ };

/* linux/kd.h, linux/keyboard.h */
#define KDGKBTYPE 0x4b33
#define KDSKBENT 0x4b47
#define KT_DEAD_CHAR 13
#define K(type, value) ((unsigned short)((type) << 8 | (value)))
#define K_HOLE K(2, 0)
#define K_ALTGR K(7, 1)
#define K_CTRL K(7, 2)
#define K_ALT K(7, 3)
#define K_ALTGRLOCK K(10, 1)
struct kbentry { unsigned char kb_table, kb_index; unsigned short kb_value; };

struct layout {
    unsigned sym[TABLES][KEYS]; /* characters; 0: nothing */
    unsigned dead[16];
    size_t ndead;
    int lock_key;
    bool has_altgr;
};

/* The next character of UTF-8 text; 0 at the end, at a blank, or where it is broken. */
static unsigned take_char(const char **p)
{
    const unsigned char *s = (const unsigned char *)*p;
    if (*s <= ' ')
        return 0;
    int more = *s < 0x80 ? 0 : *s < 0xe0 ? 1 : *s < 0xf0 ? 2 : 3;
    unsigned ch = more ? *s & (0x3fu >> more) : *s;
    for (int i = 1; i <= more; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        ch = ch << 6 | (s[i] & 0x3f);
    }
    *p += more + 1;
    return ch;
}

static bool take_keys(struct layout *l, const char *p)
{
    char *end;
    long key = strtol(p, &end, 10);
    for (p = end; *(p += strspn(p, " \t")); key++) {
        if (key < 1 || key >= KEYS)
            return false;
        for (int table = 0; table < TABLES; table++) {
            unsigned ch = take_char(&p);
            l->sym[table][key] = ch == NONE ? 0 : ch;
            if (!ch)
                break;
        }
        if (*p && !strchr(" \t", *p))
            return false; /* a fifth character, or no UTF-8 */
    }
    return true;
}

static bool take_dead(struct layout *l, const char *p)
{
    p += strspn(p, " \t");
    for (unsigned ch; (ch = take_char(&p)) != 0;) {
        if (l->ndead == sizeof l->dead / sizeof *l->dead || ch > 255)
            return false;
        l->dead[l->ndead++] = ch;
    }
    return *p == 0;
}

static bool take_line(struct layout *l, const char *line)
{
    if (*line == '#' || !*line)
        return true;
    if (isdigit((unsigned char)*line))
        return take_keys(l, line);
    if (strncmp(line, "dead ", 5) == 0)
        return take_dead(l, line + 5);
    if (strncmp(line, "lock ", 5) == 0)
        return (l->lock_key = atoi(line + 5)) > 0 && l->lock_key < KEYS;
    return strcmp(line, "altgr on") == 0 && (l->has_altgr = true);
}

static FILE *open_layout(const char *name)
{
    char path[256];
    if (strchr(name, '/'))
        return fopen(name, "r");
    snprintf(path, sizeof path, DIRECTORY "/%s", name);
    return fopen(path, "r");
}

static void read_layout(struct layout *l, const char *name)
{
    char line[512];
    FILE *f = open_layout(name);
    if (!f)
        die(name);
    for (int number = 1; fgets(line, sizeof line, f); number++) {
        line[strcspn(line, "\r\n")] = 0;
        if (take_line(l, line))
            continue;
        fprintf(stderr, "%s: %s: line %d is not understood\n", program, name, number);
        exit(1);
    }
    if (ferror(f))
        die(name);
    fclose(f);
}

/* As the keyboard knows it: what a byte holds is a plain symbol, the rest is Unicode. */
static unsigned short symbol_of(const struct layout *l, unsigned ch)
{
    for (size_t i = 0; i < l->ndead; i++)
        if (l->dead[i] == ch)
            return K(KT_DEAD_CHAR, ch);
    if (!ch)
        return K_HOLE;
    return ch < 0x80 ? K(0, ch) : (unsigned short)(ch ^ 0xf000);
}

static void set_key(int fd, int table, int key, unsigned short symbol)
{
    struct kbentry e = { .kb_table = (unsigned char)table, .kb_index = (unsigned char)key, .kb_value = symbol };
    if (ioctl(fd, KDSKBENT, &e) < 0)
        die("the keyboard");
}

static void set_layout(int fd, const struct layout *l)
{
    for (int key = 1; key < KEYS; key++)
        for (int table = 0; table < TABLES; table++)
            if (l->sym[0][key])
                set_key(fd, table, key, symbol_of(l, l->sym[table][key]));
    set_key(fd, 0, RIGHT_ALT, l->has_altgr ? K_ALTGR : K_ALT);
    set_key(fd, 0, RIGHT_CTRL, K_CTRL);
    if (l->lock_key)
        set_key(fd, 0, l->lock_key, K_ALTGRLOCK);
}

static int keyboard_open(void)
{
    static const char *const paths[] = { "/dev/tty", "/dev/tty0", "/dev/console" };
    char type;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int fd = open(paths[i], O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (fd >= 0 && ioctl(fd, KDGKBTYPE, &type) == 0)
            return fd;
        if (fd >= 0)
            close(fd);
    }
    warn_text("the keyboard", "this machine has no screen and keyboard, or they are not yours");
    exit(1);
}

static int list_layouts(void)
{
    DIR *d = opendir(DIRECTORY);
    if (!d)
        die(DIRECTORY);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.')
            puts(e->d_name);
    closedir(d);
    return flush_output();
}

int main(int argc, char **argv)
{
    static struct layout layout;
    tool_init(argv, "usage: loadkeys NAME|FILE\n"
                    "Change the keyboard's layout on all consoles. Without a name: list those in " DIRECTORY ".\n");
    if (argc == 1)
        return list_layouts();
    if (argc > 2 || argv[1][0] == '-')
        die_usage();
    read_layout(&layout, "us");
    layout.has_altgr = false;
    read_layout(&layout, argv[1]);
    set_layout(keyboard_open(), &layout);
    return 0;
}
