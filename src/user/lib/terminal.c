/* See terminal.h. Signals are let in only while a key is waited for, so none is missed in between. */
#include "terminal.h"

#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { DEFAULT_ROWS = 24, DEFAULT_COLUMNS = 80, SIZE_MAX_CELLS = 1000 };

struct terminal terminal;
bool terminal_in_place;
static int tty = -1;
static struct termios cooked;
static struct key_decoder decoder;
static sigset_t usual_mask;
static bool size_asked;
static struct { char *text; size_t len, size; } out;
static struct row { char *text; size_t len; } *shown;
static volatile sig_atomic_t resized, gone;

static void note_resized(int signo) { (void)signo; resized = 1; }
static void note_gone(int signo) { (void)signo; gone = 1; }

static void put(const char *text, size_t len)
{
    if (out.size - out.len < len) {
        size_t size = (out.len + len) * 2;
        char *grown = realloc(out.text, size);
        if (!grown)
            return; /* the row is written when it changes again */
        out.text = grown;
        out.size = size;
    }
    memcpy(out.text + out.len, text, len);
    out.len += len;
}

static void put_text(const char *text) { put(text, strlen(text)); }

void terminal_flush(void)
{
    if (tty >= 0 && out.len)
        full_write(tty, out.text, out.len);
    out.len = 0;
}

static void set_size(unsigned rows, unsigned columns)
{
    terminal_forget();
    free(shown);
    put_text("\033[0m\033[2J"); /* what the terminal made of the old picture must not stay beside the new one */
    terminal.rows = rows < 2 ? 2 : rows > SIZE_MAX_CELLS ? SIZE_MAX_CELLS : rows;
    terminal.columns = columns < 8 ? 8 : columns > SIZE_MAX_CELLS ? SIZE_MAX_CELLS : columns;
    shown = calloc(terminal.rows, sizeof *shown);
}

/* A serial line knows no size: the terminal at its other end is asked, and answers like a key. */
static void find_size(void)
{
    struct winsize size;
    resized = 0;
    if (ioctl(tty, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col) {
        set_size(size.ws_row, size.ws_col);
        return;
    }
    set_size(DEFAULT_ROWS, DEFAULT_COLUMNS);
    if (!size_asked)
        put_text("\033[999;999H\033[6n");
    size_asked = true;
}

static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = note_resized };
    sigset_t mine;
    sigemptyset(&mine);
    sigaddset(&mine, SIGWINCH);
    sigaction(SIGWINCH, &action, NULL);
    action.sa_handler = note_gone;
    for (size_t i = 0; i < 2; i++) {
        sigaddset(&mine, i ? SIGTERM : SIGHUP);
        sigaction(i ? SIGTERM : SIGHUP, &action, NULL);
    }
    sigprocmask(SIG_BLOCK, &mine, &usual_mask);
}

bool terminal_open(void)
{
    tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (tty < 0 && isatty(0))
        tty = fcntl(0, F_DUPFD_CLOEXEC, 3);
    if (tty < 0 || tcgetattr(tty, &cooked) < 0)
        return false;
    struct termios raw = cooked;
    raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
    raw.c_oflag &= ~(tcflag_t)OPOST;
    raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(tty, TCSADRAIN, &raw) < 0)
        return false;
    catch_signals();
    if (!terminal_in_place)
        put_text("\033[?1049h");
    find_size();
    terminal_flush();
    return true;
}

void terminal_close(void)
{
    if (tty < 0)
        return;
    char last[64];
    int n = snprintf(last, sizeof last, "\033[0m\033[%u;1H\033[K\033[?25h%s", terminal.rows,
                     terminal_in_place ? "" : "\033[?1049l");
    put(last, (size_t)n);
    terminal_flush();
    tcsetattr(tty, TCSADRAIN, &cooked);
    close(tty);
    tty = -1;
    sigprocmask(SIG_SETMASK, &usual_mask, NULL);
}

static unsigned take_report(void)
{
    struct winsize size = { .ws_row = (unsigned short)decoder.params[0], .ws_col = (unsigned short)decoder.params[1] };
    ioctl(tty, TIOCSWINSZ, &size); /* the programs after this one want to know it too */
    resized = 0;
    set_size(size.ws_row, size.ws_col);
    return KEY_RESIZED;
}

/* The next key, or KEY_NONE when none comes in time; ms < 0: for ever. */
unsigned terminal_key_within(int ms)
{
    struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };
    for (;;) {
        struct pollfd wait = { .fd = tty, .events = POLLIN };
        unsigned char byte;
        int ready = gone || resized ? -1 : ppoll(&wait, 1, ms < 0 ? NULL : &time, &usual_mask);
        if (gone)
            return KEY_GONE;
        if (resized) {
            find_size();
            return KEY_RESIZED;
        }
        if (ready == 0)
            return KEY_NONE;
        if (ready < 0)
            continue;
        ssize_t n = read(tty, &byte, 1);
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
            return KEY_GONE;
        unsigned key = n > 0 ? key_decode(&decoder, byte) : KEY_NONE;
        if (key == KEY_REPORT && size_asked)
            return take_report();
        if (key != KEY_NONE)
            return key;
    }
}

unsigned terminal_key(void) { return terminal_key_within(-1); }

bool terminal_key_waits(void)
{
    struct pollfd now = { .fd = tty, .events = POLLIN };
    return gone || resized || poll(&now, 1, 0) > 0;
}

/* The cells a row takes, without what only says how it looks (CSI: ECMA-48 5.4). */
static size_t row_width(const char *text, size_t len)
{
    size_t width = 0;
    for (size_t at = 0; at < len;) {
        unsigned code;
        if (text[at] == 033 && at + 1 < len && text[at + 1] == '[') {
            for (at += 2; at < len && (unsigned char)text[at] < 0x40;)
                at++;
            at += at < len;
            continue;
        }
        at += utf8_decode(text + at, len - at, &code);
        width += char_width(code);
    }
    return width;
}

/* What stood there is written over and its rest erased, not the whole first: a picture taken in between shows no hole.
 * Behind a full row the cursor waits in the last column, and erasing there would take that. */
void terminal_row(unsigned row, const char *text, size_t len)
{
    char where[32];
    if (row >= terminal.rows)
        return;
    struct row *old = shown ? &shown[row] : NULL;
    if (old && old->text && old->len == len && memcmp(old->text, text, len) == 0)
        return;
    put(where, (size_t)snprintf(where, sizeof where, "\033[%u;1H\033[0m", row + 1));
    put(text, len);
    put_text(row_width(text, len) < terminal.columns ? "\033[0m\033[K" : "\033[0m");
    if (!old)
        return;
    free(old->text);
    old->text = malloc(len + 1);
    if (old->text)
        memcpy(old->text, text, len);
    old->len = len;
}

void terminal_cursor(unsigned row, unsigned column)
{
    char where[32];
    put(where, (size_t)snprintf(where, sizeof where, "\033[%u;%uH", row + 1, column + 1));
}

void terminal_cursor_hide(void) { put_text("\033[?25l"); }

void terminal_forget(void)
{
    for (unsigned i = 0; shown && i < terminal.rows; i++) {
        free(shown[i].text);
        shown[i].text = NULL;
    }
}
