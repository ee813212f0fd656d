/* The keyboard: one for all virtual consoles. Keys that mean something to the machine end here, the others
 * become bytes by the layout.
 *
 *   Alt-F1 to F4           another console          Shift-PgUp, PgDn   look back
 *   Ctrl-Alt-Del           process 1 gets SIGINT    Alt-PrtSc + letter  tty_ops.emergency
 *
 * The worker feeds keys, programs change the layout; `lock` keeps them apart and nothing is called under it. */
#include "dev/input.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "tty/keymap.h"
#include "tty/tty_priv.h"
#include "tty/vt.h"

enum { KEY_F1 = 59, KEY_SYSRQ = 99, KEY_PAGEUP = 104, KEY_PAGEDOWN = 109, KEY_DELETE = 111 };

static struct mutex lock = MUTEX_INIT(lock, "keyboard");
static struct keymap_layout layout; /* guarded by lock */
static struct keymap_state keys;    /* the worker's; caps and num guarded by lock */
static bool leds_forced;            /* guarded by lock: a program chose the lamps, not the locks */
static unsigned leds_wanted;        /* the same: which ones */
static bool emergency;              /* the worker's: Alt-PrtSc is down, the next key is a command */

void tty_keyboard_init(void)
{
    keymap_layout_init(&layout);
}

/* Both when it goes down and when it comes up, so that no half of it reaches a program. */
static bool emergency_key(const struct input_event *ev)
{
    const struct tty_ops *o = tty_ops_get();

    if (ev->code == KEY_SYSRQ && (emergency || keymap_alt(&keys))) {
        emergency = ev->pressed;
        return true;
    }
    if (!emergency || !keymap_us(ev->code))
        return false;
    if (ev->pressed && o)
        o->emergency(keymap_us(ev->code));
    return true;
}

static bool restart_key(const struct input_event *ev)
{
    const struct tty_ops *o = tty_ops_get();

    if (ev->code != KEY_DELETE || !keymap_ctrl(&keys) || !keymap_alt(&keys))
        return false;
    if (ev->pressed && o)
        o->restart();
    return true;
}

static bool switch_key(const struct input_event *ev)
{
    if (!keymap_alt(&keys) || ev->code < KEY_F1 || ev->code >= KEY_F1 + VT_CONSOLES)
        return false;
    if (ev->pressed && tty_vc_activate(ev->code - KEY_F1 + 1) < 0)
        kwarn("vt: no memory for another console, or no screen");
    return true;
}

static bool view_key(const struct input_event *ev)
{
    if (!keymap_shift(&keys) || (ev->code != KEY_PAGEUP && ev->code != KEY_PAGEDOWN))
        return false;
    if (ev->pressed)
        vt_view(ev->code == KEY_PAGEUP ? 1 : -1);
    return true;
}

/* Scroll lock's stands for another alphabet. */
static unsigned leds_locked(void)
{
    if (leds_forced)
        return leds_wanted;
    return (keys.locked ? TTY_LED_SCROLL : 0) | (keys.num ? TTY_LED_NUM : 0) | (keys.caps ? TTY_LED_CAPS : 0);
}

unsigned tty_leds_get(void)
{
    mutex_lock(&lock);
    unsigned leds = leds_locked();
    mutex_unlock(&lock);
    return leds;
}

void tty_leds_set(bool forced, unsigned leds)
{
    mutex_lock(&lock);
    leds_forced = forced;
    leds_wanted = leds & (TTY_LED_SCROLL | TTY_LED_NUM | TTY_LED_CAPS);
    unsigned shown = leds_locked();
    mutex_unlock(&lock);
    input_set_leds(shown);
}

unsigned tty_locks_get(void)
{
    mutex_lock(&lock);
    unsigned locks = (keys.num ? TTY_LED_NUM : 0) | (keys.caps ? TTY_LED_CAPS : 0);
    mutex_unlock(&lock);
    return locks;
}

void tty_locks_set(unsigned locks)
{
    mutex_lock(&lock);
    keys.num = locks & TTY_LED_NUM;
    keys.caps = locks & TTY_LED_CAPS;
    unsigned shown = leds_locked();
    mutex_unlock(&lock);
    input_set_leds(shown);
}

unsigned tty_keyboard_feed(const struct input_event *ev, char *out)
{
    bool leds;

    if (emergency_key(ev) || restart_key(ev) || switch_key(ev) || view_key(ev))
        return 0;
    unsigned wanted = vt_keys();
    keys.app_cursor = wanted & VT_KEYS_CURSOR;
    keys.app_keypad = wanted & VT_KEYS_KEYPAD;
    mutex_lock(&lock);
    unsigned n = keymap_feed(&keys, &layout, ev->code, ev->pressed, out, &leds);
    unsigned shown = leds_locked();
    mutex_unlock(&lock);
    if (leds)
        input_set_leds(shown);
    if (n)
        vt_view(0);
    return n;
}

/* Outside, Linux's symbols have their upper four bits turned over (linux/keyboard.h: U, K). */
#define TURNED 0xf000u
#define SYM_HOLE 0x0200u
#define SYM_NO_TABLE 0x027fu
#define LINUX_KEYS 256u

static bool table_is_empty_locked(unsigned table)
{
    for (unsigned i = 0; i < KEYMAP_KEYS; i++)
        if (layout.sym[table][i])
            return false;
    return true;
}

int tty_keymap_get(unsigned table, unsigned key, u16 *sym)
{
    if (key >= LINUX_KEYS || table >= KEYMAP_TABLES) {
        *sym = SYM_NO_TABLE;
        return 0;
    }
    mutex_lock(&lock);
    u16 s = key < KEYMAP_KEYS ? layout.sym[table][key] : 0;
    *sym = s ? (u16)(s ^ TURNED) : key == 0 && table_is_empty_locked(table) ? SYM_NO_TABLE : SYM_HOLE;
    mutex_unlock(&lock);
    return 0;
}

int tty_keymap_set(unsigned table, unsigned key, u16 sym)
{
    if (table >= KEYMAP_TABLES || key >= LINUX_KEYS || (key >= KEYMAP_KEYS && sym != SYM_HOLE))
        return -EINVAL;
    mutex_lock(&lock);
    if (key == 0 && sym == SYM_NO_TABLE)
        memset(layout.sym[table], 0, sizeof(layout.sym[table]));
    else if (key > 0 && key < KEYMAP_KEYS)
        layout.sym[table][key] = sym == SYM_HOLE ? 0 : (u16)(sym ^ TURNED);
    mutex_unlock(&lock);
    return 0;
}

unsigned tty_accents_get(struct keymap_accent *out)
{
    mutex_lock(&lock);
    unsigned n = layout.naccents;
    memcpy(out, layout.accent, n * sizeof(*out));
    mutex_unlock(&lock);
    return n;
}

void tty_accents_set(const struct keymap_accent *in, unsigned n)
{
    ASSERT(n <= KEYMAP_ACCENTS_MAX);
    mutex_lock(&lock);
    memcpy(layout.accent, in, n * sizeof(*in));
    layout.naccents = n;
    mutex_unlock(&lock);
}
