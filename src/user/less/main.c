/* less: options, files and keys. See less.h. */
#include "less.h"

#include "../lib/cells.h"
#include "../lib/input.h"
#include "../lib/terminal.h"
#include "../lib/util.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLLOW_MS = 200, PATTERN_MAX = 256 };
enum outcome { STAY, LEAVE, NEXT_FILE, PREVIOUS_FILE };

static const char keys[] =
    "space f PgDn ^F  a page on            b PgUp ^B  a page back\n"
    "enter j down     a row on             k y up     a row back\n"
    "d                half a page on       u          half a page back\n"
    "g < Home         the beginning        G > End    the end\n"
    "/TEXT  ?TEXT     search on, back (extended expressions)\n"
    "n  N             search again, the other way\n"
    "F                follow what is added, until a key\n"
    ":n  :p           the next, the previous file\n"
    "^L r             draw again           q          leave\n";

static void ask(struct pager *pager, char start, char *text, size_t size)
{
    size_t len = 0;
    text[0] = 0;
    for (;;) {
        char shown[PATTERN_MAX + 4], bytes[4];
        snprintf(shown, sizeof shown, "%c%s", start, text);
        pager->message = shown;
        view_show(pager);
        unsigned key = terminal_key();
        pager->message = NULL;
        if (key == '\r' || key == '\n')
            return;
        if (key == 3 || key == KEY_GONE || ((key == 127 || key == 8) && len == 0)) {
            text[0] = 0;
            return;
        }
        if (key == 127 || key == 8)
            for (len--; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
                len--;
        else if (key >= 32 && key < KEY_NONE && len + sizeof bytes < size) {
            size_t n = utf8_encode(key, bytes);
            memcpy(text + len, bytes, n);
            len += n;
        }
        text[len] = 0;
    }
}

static void search(struct pager *pager, bool down)
{
    if (!pager->have_pattern)
        pager->message = "nothing was searched for yet";
    else if (!search_go(pager, down))
        pager->message = "not found";
}

static void search_asked(struct pager *pager, char start)
{
    char text[PATTERN_MAX];
    ask(pager, start, text, sizeof text);
    if (!*text)
        return;
    if (search_set(pager, text))
        search(pager, start == '/');
    else
        pager->message = "this expression is not right";
}

/* What others add to a file becomes visible; a key ends it. */
static void follow(struct pager *pager)
{
    do {
        struct pollfd wait = { .fd = pager->source.fd, .events = POLLIN };
        pager->source.ended = false;
        while (!terminal_key_waits() && poll(&wait, 1, 0) > 0 && source_read_more(&pager->source))
            ;
        view_to_end(pager);
        pager->message = "waiting for more (any key: no longer)";
        view_show(pager);
    } while (terminal_key_within(FOLLOW_MS) == KEY_NONE);
    pager->message = NULL;
}

static void show_help(void)
{
    char text[sizeof keys];
    strcpy(text, keys);
    unsigned row = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        terminal_row(row++, line, strlen(line));
    for (; row < terminal.rows - 1; row++)
        terminal_row(row, "", 0);
    terminal_row(terminal.rows - 1, "\033[7many key goes back", 21);
    terminal_flush();
    terminal_key();
}

static enum outcome colon(struct pager *pager)
{
    pager->message = ":";
    view_show(pager);
    unsigned key = terminal_key();
    pager->message = key == 'n' || key == 'p' || key == 'q' ? NULL : ":n the next file, :p the previous one, :q leave";
    return key == 'n' ? NEXT_FILE : key == 'p' ? PREVIOUS_FILE : key == 'q' ? LEAVE : STAY;
}

static enum outcome on_key(struct pager *pager, unsigned key)
{
    size_t page = view_page();
    pager->message = NULL;
    switch (key) {
    case 'q': case 'Q': case 3: case KEY_GONE: return LEAVE;
    case ' ': case 'f': case KEY_PAGE_DOWN: case 6: view_forward(pager, page); break;
    case 'b': case KEY_PAGE_UP: case 2: view_back(pager, page); break;
    case 'j': case 'e': case '\r': case '\n': case KEY_DOWN: view_forward(pager, 1); break;
    case 'k': case 'y': case KEY_UP: view_back(pager, 1); break;
    case 'd': case 4: view_forward(pager, page / 2 + 1); break;
    case 'u': case 21: view_back(pager, page / 2 + 1); break;
    case 'g': case '<': case KEY_HOME: pager->top = (struct place){ 0 }; break;
    case 'G': case '>': case KEY_END:
        source_have(&pager->source, (size_t)-2);
        view_to_end(pager);
        break;
    case '/': case '?': search_asked(pager, (char)key); break;
    case 'n': case 'N': search(pager, key == 'n'); break;
    case 'F': follow(pager); break;
    case 'h': case 'H': show_help(); break;
    case 'r': case 12: terminal_forget(); break;
    case ':': return colon(pager);
    case KEY_RESIZED: pager->top.row = 0; break;
    default: pager->message = "h shows the keys";
    }
    return STAY;
}

static enum outcome read_file(struct pager *pager, const char *name, int fd)
{
    enum outcome outcome = STAY;
    pager->name = name;
    pager->top = (struct place){ 0 };
    source_open(&pager->source, fd);
    while (outcome == STAY) {
        if (!terminal_key_waits())
            view_show(pager);
        outcome = on_key(pager, terminal_key());
    }
    source_close(&pager->source);
    return outcome;
}

static int open_input(const char *name)
{
    struct stat st;
    if (strcmp(name, "-") == 0)
        return fcntl(0, F_DUPFD_CLOEXEC, 3);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        errno = EISDIR;
        return -1;
    }
    return fd;
}

static int copy(FILE *file, const char *name)
{
    char piece[4096];
    (void)name;
    for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
        fwrite(piece, 1, n, stdout);
    return 0;
}

static int read_files(struct pager *pager, char **names, int count)
{
    int at = 0, failed = 0;
    while (at < count) {
        int fd = open_input(names[at]);
        char *why = strerror(errno);
        if (fd < 0) { /* the terminal is raw: say it where it can be read */
            terminal_close();
            warn_text(names[at], why);
            failed++;
            memmove(&names[at], &names[at + 1], (size_t)(--count - at) * sizeof *names);
            if (at < count && !terminal_open())
                return 1;
            continue;
        }
        enum outcome outcome = read_file(pager, names[at], fd);
        if (outcome == LEAVE)
            break;
        if (outcome == NEXT_FILE && at + 1 == count)
            pager->message = "this is the last file";
        at += outcome == NEXT_FILE ? at + 1 < count : -(at > 0);
    }
    terminal_close();
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    static char *standard[] = { "-" };
    static struct pager pager;
    char help[sizeof keys + 256];
    bool have[128] = { 0 };
    snprintf(help, sizeof help, "usage: less [-NR] [FILE...]\nRead files, or standard input, page by page.\n"
             "  -N  number the lines    -R  let colours through\n\n%s", keys);
    tool_init(argv, help);
    int index = parse_flags(argc, argv, "NR", have);
    pager.numbers = have['N'];
    pager.raw = have['R'];
    if (!isatty(1))
        return each_input(argv + index, argc - index, copy) | flush_output();
    if (index == argc && isatty(0))
        die_usage();
    if (!terminal_open()) {
        warn_text("terminal", "there is none");
        return 1;
    }
    return read_files(&pager, index < argc ? argv + index : standard, index < argc ? argc - index : 1);
}
