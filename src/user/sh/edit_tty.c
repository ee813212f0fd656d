/* The editor's hands: terminal modes, reading keys, writing what edit_view wants written, Tab. Everything that
 * could surprise comes here: signals, a terminal that changes its size, jobs that write in between.
 *
 * The terminal is raw only while a line is edited, so that programs and what is typed ahead for them find it as
 * they expect. Bytes are read one by one: what follows Enter belongs to the command. */
#include "edit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { DEFAULT_COLUMNS = 80, ESCAPE_MS = 500 /* as readline's keyseq-timeout */, ESCAPE = 033 };

static struct editor {
    bool ready, size_asked, bracketed;
    struct history history;
    struct edit edit;
    struct view view;
    struct key_decoder decoder;
    struct termios cooked;
    struct buffer out;
    bool tab_before, running_known; /* the last entry of the history is the line that runs */
} editor;

static volatile sig_atomic_t size_changed;

static void note_size_change(int signo)
{
    (void)signo;
    size_changed = 1;
}

bool editor_usable(void)
{
    const char *term = var_get("TERM");
    return isatty(0) && isatty(2) && (!term || strcmp(term, "dumb") != 0);
}

/* ---- output ---- */

static void put(const char *text)
{
    buffer_append(&editor.out, text, strlen(text));
}

static void flush(void)
{
    const char *at = editor.out.data;
    for (size_t left = editor.out.len; left > 0;) {
        ssize_t n = write(2, at, left);
        if (n < 0 && errno != EINTR)
            break;
        at += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    editor.out.len = 0;
}

static void show(const char *prompt)
{
    struct edit *edit = &editor.edit;
    struct buffer searching = { 0 };
    if (edit->searching) {
        buffer_append(&searching, edit->search_failed ? "(not found) '" : "(search) '", edit->search_failed ? 13 : 10);
        buffer_append(&searching, edit->query.data, edit->query.len);
        buffer_append(&searching, "': ", 3);
        prompt = searching.data;
    }
    if (jobs_running()) /* it may have written where the line stood: write all of it again */
        view_restart(&editor.view, true, &editor.out);
    view_show(&editor.view, prompt, edit->text.data, edit->text.len, edit->cursor, &editor.out);
    buffer_free(&searching);
    flush();
}

/* ---- the terminal ---- */

/* A serial line knows no size: ask the terminal at its other end. The answer comes like a key, whenever it
 * comes; nobody waits for it. */
static void find_size(void)
{
    struct winsize size;
    unsigned columns = DEFAULT_COLUMNS;
    size_changed = 0;
    if (ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        columns = size.ws_col;
    } else if (!editor.size_asked) {
        editor.size_asked = true;
        put("\0337\033[999;999H\033[6n\0338");
    } else {
        return;
    }
    editor.view.columns = columns;
}

static void take_size_report(void)
{
    struct winsize size;
    unsigned rows = editor.decoder.params[0], columns = editor.decoder.params[1];
    if (!editor.size_asked || columns < 2 || columns > 9999 || ioctl(2, TIOCGWINSZ, &size) < 0 || size.ws_col > 0)
        return;
    size.ws_row = (unsigned short)rows;
    size.ws_col = (unsigned short)columns;
    ioctl(2, TIOCSWINSZ, &size); /* programs want to know it too */
    view_restart(&editor.view, true, &editor.out);
    editor.view.columns = columns;
}

/* Output stays as it is, and so does ICRNL: lines pasted behind the first are for programs that read lines. */
static bool go_raw(void)
{
    if (tcgetattr(0, &editor.cooked) < 0)
        return false;
    struct termios raw = editor.cooked;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(0, TCSANOW, &raw) < 0)
        return false;
    if (editor.bracketed)
        put("\033[?2004h");
    return true;
}

/* The line's end is shown last: who sees it and types ^C means what runs then, and raw that would be a byte. */
static void go_cooked(void)
{
    if (editor.bracketed)
        put("\033[?2004l");
    tcsetattr(0, TCSANOW, &editor.cooked);
    flush();
}

static bool knows_bracketed_paste(void)
{
    static const char *const names[] = { "xterm", "screen", "tmux", "rxvt", "alacritty", "foot", "kitty", "vte" };
    const char *term = var_get("TERM");
    for (size_t i = 0; term && i < sizeof names / sizeof *names; i++)
        if (strncmp(term, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* ---- Tab ---- */

static void list_candidates(const struct candidates *candidates, const char *prompt)
{
    show(prompt); /* keys may have come faster than they were shown */
    view_leave(&editor.view, &editor.out);
    candidates_columns(candidates, editor.view.columns, &editor.out);
}

static void complete(const char *prompt)
{
    struct edit *edit = &editor.edit;
    struct candidates found = { 0 };
    struct arena_mark mark = arena_mark(&shell.scratch);
    size_t start;
    char quote, end[3] = { 0 };
    complete_word(edit->text.data, edit->cursor, &start, &quote, &found);
    size_t common = candidates_common(&found);
    char *text = found.count ? complete_quote(arena_strndup(&shell.scratch, found.items[0], common), quote) : "";
    bool longer = common > 0 && (strlen(text) != edit->cursor - start ||
                                 memcmp(text, edit->text.data + start, edit->cursor - start) != 0);
    bool partial = common > 0 && found.items[0][common - 1] == '/';
    if (found.count == 1 && !partial)
        snprintf(end, sizeof end, "%.1s%s", &quote, edit->text.data[edit->cursor] == ' ' ? "" : " ");
    if (longer || *end) {
        edit_replace(edit, start, edit->cursor, text, strlen(text));
        edit_insert(edit, end, strlen(end));
    } else if (found.count > 1 && editor.tab_before) {
        list_candidates(&found, prompt);
    } else {
        put("\a");
    }
    candidates_free(&found);
    arena_rewind(&shell.scratch, mark);
}

/* ---- reading ---- */

/* How many bytes can be read at once: until they are used up nothing is shown. */
static int input_waiting(void)
{
    int count = 0;
    return ioctl(0, FIONREAD, &count) == 0 ? count : 0;
}

/* A signal came while we waited: a new size, a trap, ^C from elsewhere. False: the line is given up. */
static bool handle_interruption(void)
{
    if (size_changed) {
        view_restart(&editor.view, true, &editor.out);
        find_size();
    }
    if (traps_pending()) {
        view_leave(&editor.view, &editor.out);
        go_cooked();
        traps_run_pending();
        go_raw();
    }
    return !shell_interrupted;
}

/* What a key's result needs from us; true: the line goes on. */
static bool act(enum edit_result result, unsigned key, const char *prompt)
{
    switch (result) {
    case EDIT_COMPLETE: complete(prompt); break;
    case EDIT_BELL: put("\a"); break;
    case EDIT_CLEAR:
        put("\033[H\033[2J");
        view_restart(&editor.view, false, &editor.out);
        break;
    case EDIT_MORE:
        if (key == KEY_REPORT)
            take_size_report();
        break;
    default: return false;
    }
    editor.tab_before = result == EDIT_COMPLETE;
    return true;
}

/* In a search a lone Esc takes what was found: nothing follows it in time. Elsewhere the next key says what it meant. */
static bool is_lone_escape(void)
{
    struct pollfd more = { .fd = 0, .events = POLLIN };
    if (!editor.edit.searching || editor.decoder.state != KEYS_ESCAPE || poll(&more, 1, ESCAPE_MS) != 0)
        return false;
    editor.decoder.state = KEYS_PLAIN;
    return true;
}

static enum edit_result read_keys(const char *prompt)
{
    for (int waiting = 0;; waiting--) {
        unsigned char byte;
        if (waiting <= 0)
            waiting = input_waiting();
        if (waiting <= 0)
            show(prompt);
        if (waiting <= 0 && is_lone_escape()) {
            edit_key(&editor.edit, ESCAPE);
            continue;
        }
        ssize_t n = read(0, &byte, 1);
        if (n < 0 && errno == EINTR) {
            if (!handle_interruption())
                return EDIT_CANCEL;
            continue;
        }
        if (n <= 0)
            return EDIT_END;
        unsigned key = key_decode(&editor.decoder, byte);
        enum edit_result result = edit_key(&editor.edit, key);
        if (key != KEY_NONE && !act(result, key, prompt))
            return result;
    }
}

/* ---- history ---- */

static const char *history_path(void)
{
    const char *path = var_get("HISTFILE"), *home = var_get("HOME");
    if (path || !home)
        return path;
    struct buffer out = { 0 };
    buffer_append(&out, home, strlen(home));
    buffer_append(&out, "/.sh_history", 12);
    path = arena_strndup(&shell.scratch, out.data, out.len);
    buffer_free(&out);
    return path;
}

void editor_remember(const char *command)
{
    struct history *history = &editor.history;
    struct arena_mark mark = arena_mark(&shell.scratch);
    int before = history->count;
    const char *last = before ? history->entries[before - 1] : NULL, *path = history_path();
    if (!editor.ready)
        return;
    history_add(history, command);
    editor.running_known = history->count && strcmp(history->entries[history->count - 1], command) == 0;
    if (history->count && history->entries[history->count - 1] != last && path && *path)
        history_save_last(history, path);
    arena_rewind(&shell.scratch, mark);
}

void editor_remember_instead(const char *command)
{
    if (editor.running_known)
        history_drop_last(&editor.history);
    editor_remember(command);
}

const struct history *editor_history(int *count)
{
    *count = editor.history.count - editor.running_known;
    return editor.ready ? &editor.history : NULL;
}

static void editor_init(void)
{
    const char *size = var_get("HISTSIZE"), *path = history_path();
    struct sigaction action = { .sa_handler = note_size_change };
    editor.ready = true;
    editor.history.max = size && atoi(size) > 0 && atoi(size) < 100000 ? atoi(size) : 0;
    if (path && *path)
        history_load(&editor.history, path);
    edit_init(&editor.edit, &editor.history);
    sigemptyset(&action.sa_mask);
    sigaction(SIGWINCH, &action, NULL);
}

enum line_result editor_read(const char *prompt, struct buffer *text)
{
    if (!editor.ready)
        editor_init();
    editor.bracketed = knows_bracketed_paste();
    editor.tab_before = false;
    edit_start(&editor.edit);
    view_restart(&editor.view, false, &editor.out);
    find_size();
    if (!go_raw())
        return LINE_END;
    enum edit_result result = read_keys(prompt);
    editor.edit.cursor = editor.edit.text.len;
    if (editor.edit.searching) {
        editor.edit.searching = false;
        result = EDIT_CANCEL;
    }
    show(prompt);
    if (result == EDIT_CANCEL)
        put("^C");
    if (result != EDIT_END)
        view_leave(&editor.view, &editor.out);
    go_cooked();
    if (result == EDIT_ACCEPT) {
        buffer_append(text, editor.edit.text.data, editor.edit.text.len);
        buffer_add(text, '\n');
    }
    return result == EDIT_ACCEPT ? LINE_OK : result == EDIT_END ? LINE_END : LINE_INTERRUPTED;
}
