/* less: options, files and keys. See less.h. */
#include "less.h"

#include "../lib/cells.h"
#include "../lib/input.h"
#include "../lib/options.h"
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
static const char *first_command; /* +COMMAND, of each file */
static bool leave_if_one_screen;  /* -F */
static size_t number;             /* what was typed before a command; 0: nothing */
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
    "right  left      half a screen to the side, with -S\n"
    "5G  5g  50%      line 5; half-way\n"
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

/* The last line there is, or as far as there are lines. */
static void go_to_line(struct pager *pager, size_t line)
{
    if (!source_have(&pager->source, line - 1))
        view_to_end(pager);
    else
        pager->top = (struct place){ .line = line - 1 };
}

static void go_to_share(struct pager *pager, size_t percent)
{
    source_have(&pager->source, (size_t)-2);
    go_to_line(pager, pager->source.count * (percent < 100 ? percent : 100) / 100 + 1);
}

static void to_the_side(struct pager *pager, bool right)
{
    size_t step = terminal.columns / 2;
    if (!pager->chop)
        pager->message = "lines are not cut: -S does that";
    else if (right)
        pager->left += step;
    else
        pager->left -= step < pager->left ? step : pager->left;
}

static bool take_digit(unsigned key)
{
    if (key < '0' || key > '9' || number > 100000000)
        return false;
    number = number * 10 + key - '0';
    return true;
}

static enum outcome on_key(struct pager *pager, unsigned key)
{
    size_t page = view_page(), count = number;
    pager->message = NULL;
    if (take_digit(key))
        return STAY;
    number = 0;
    if (count && key && key < 128 && strchr("gG<>", (int)key)) {
        go_to_line(pager, count);
        return STAY;
    }
    if (count && key == '%') {
        go_to_share(pager, count);
        return STAY;
    }
    switch (key) {
    case KEY_RIGHT: case KEY_LEFT: to_the_side(pager, key == KEY_RIGHT); break;
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

/* +N +G +F +/TEXT: what would be typed. */
static void run_first_command(struct pager *pager)
{
    const char *text = first_command;
    if (!text)
        return;
    if (*text == '/' && search_set(pager, text + 1))
        search(pager, true);
    for (; *text && *text != '/'; text++)
        on_key(pager, (unsigned char)*text);
    if (number)
        go_to_line(pager, number);
    number = 0;
}

static void print_all(struct pager *pager)
{
    terminal_close();
    for (size_t i = 0; i < pager->source.count; i++) {
        size_t len;
        const char *line = source_line(&pager->source, i, &len);
        fwrite(line, 1, len, stdout);
        putchar('\n');
    }
}

static enum outcome read_file(struct pager *pager, const char *name, int fd)
{
    enum outcome outcome = STAY;
    pager->name = name;
    pager->top = (struct place){ 0 };
    pager->left = 0;
    source_open(&pager->source, fd);
    if (leave_if_one_screen && view_at_end(pager)) {
        print_all(pager);
        source_close(&pager->source);
        return LEAVE;
    }
    run_first_command(pager);
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

/* Takes the +COMMANDs out of the arguments (the last one counts); how many are left. */
static int take_first_command(int argc, char **argv)
{
    int left = 1;
    bool words = true;
    for (int i = 1; i < argc; i++) {
        words &= strcmp(argv[i], "--") != 0;
        if (words && argv[i][0] == '+')
            first_command = argv[i] + 1;
        else
            argv[left++] = argv[i];
    }
    argv[left] = NULL;
    return left;
}

int main(int argc, char **argv)
{
    static char *standard[] = { "-" };
    static struct pager pager;
    static const char letters[] = "NRSFXiI";
    char help[sizeof keys + 768];
    bool have[128] = { 0 };
    snprintf(help, sizeof help, "usage: less [-NRSFXiI] [+COMMAND] [FILE...]\nRead files, or standard input, page by page.\n"
             "  -N  number the lines    -R  let colours through    -S  cut long lines\n"
             "  -F  only print what fits on the screen             -X  leave it there in the end\n"
             "  -i  searches for small letters find capitals too, -I  all do\n"
             "  +N +G +F +/TEXT  begin at line N, at the end, following, where TEXT is\n\n%s", keys);
    tool_init(argv, help);
    argc = take_first_command(argc, argv);
    options_arrange(argc, argv, letters,
                    "LINE-NUMBERS=N RAW-CONTROL-CHARS=R chop-long-lines=S quit-if-one-screen=F no-init=X "
                    "ignore-case=i IGNORE-CASE=I");
    int index = parse_flags(argc, argv, letters, have);
    pager.numbers = have['N'];
    pager.raw = have['R'];
    pager.chop = have['S'];
    pager.fold = have['I'] ? FOLD_ALWAYS : have['i'] ? FOLD_SMALL : FOLD_NEVER;
    leave_if_one_screen = have['F'] && argc - index < 2;
    terminal_in_place = have['X'];
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
