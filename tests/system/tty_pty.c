/* Pseudo terminals: names, both ends, hangups, packets, the line discipline seen from outside.
 *
 * Echo comes on Linux when its worker gets to it; so a check types, lets the slave read what must come, has the
 * slave write a mark, and reads the master up to the mark: what lies before it is the echo, all of it. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

#define MARK '\036' /* typed nowhere */

static int master, slave;
static struct termios cooked, raw;

static void show_bytes(const char *what, const char *bytes, ssize_t n)
{
    printf("%s: %zd \"", what, n);
    for (ssize_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c >= ' ' && c < 0x7f && c != '\\')
            putchar(c);
        else
            printf("\\%03o", c);
    }
    printf("\"%s\n", n < 0 ? strerror(errno) : "");
    fflush(stdout);
}

static void open_pair(void)
{
    master = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(grantpt(master) == 0 && unlockpt(master) == 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    CHECK(master >= 0 && slave >= 0);
    tcgetattr(slave, &cooked);
    raw = cooked;
    cfmakeraw(&raw);
}

static void close_pair(void)
{
    close(slave);
    close(master);
}

/* Waits until the terminal has what was typed. */
static bool wait_in(int fd, short events)
{
    struct pollfd p = { .fd = fd, .events = events };
    return poll(&p, 1, 20000) == 1;
}

static bool ready(int fd, short events)
{
    struct pollfd p = { .fd = fd, .events = events };
    return poll(&p, 1, 0) == 1 && (p.revents & events);
}

static void type(const char *text)
{
    if (write(master, text, strlen(text)) != (ssize_t)strlen(text))
        printf("FAIL typing: %s\n", strerror(errno)), failures++;
}

/* What one read of the slave gives. */
static void show_read(const char *what, size_t size)
{
    char buf[8192];
    if (!wait_in(slave, POLLIN))
        printf("FAIL %s: nothing comes\n", what), failures++;
    ssize_t n = read(slave, buf, size);
    show_bytes(what, buf, n);
}

/* What the master sees up to the slave's mark. */
static void show_seen(const char *what)
{
    char buf[16384];
    size_t n = 0;
    char mark = MARK;
    if (write(slave, &mark, 1) != 1)
        printf("FAIL mark: %s\n", strerror(errno)), failures++;
    while (n < sizeof buf && wait_in(master, POLLIN) && read(master, buf + n, 1) == 1 && buf[n] != MARK)
        n++;
    show_bytes(what, buf, (ssize_t)n);
}

/* Of what nobody can read yet the echo is all there is: waits for it. */
static void type_and_wait(const char *text, size_t want)
{
    char buf[64];
    size_t n = 0;
    type(text);
    while (n < want && wait_in(master, POLLIN) && read(master, buf + n, 1) == 1)
        n++;
    show_bytes("echo of half a line", buf, (ssize_t)n);
}

/* Types a line, reads it, shows the echo. */
static void line(const char *text)
{
    type(text);
    show_bytes("typed", text, (ssize_t)strlen(text));
    show_read("  read", 4096);
    show_seen("  echo");
}

static void with(tcflag_t iset, tcflag_t iclear, tcflag_t lset, tcflag_t lclear)
{
    struct termios t = cooked;
    t.c_iflag = (t.c_iflag | iset) & ~iclear;
    t.c_lflag = (t.c_lflag | lset) & ~lclear;
    CHECK(tcsetattr(slave, TCSANOW, &t) == 0);
}

static void check_settings(void)
{
    printf("new: iflag %o oflag %o cflag %o lflag %o\n", cooked.c_iflag, cooked.c_oflag, cooked.c_cflag, cooked.c_lflag);
    for (int i = 0; i < 17; i++)
        printf("%d ", cooked.c_cc[i]);
    puts("");
    struct winsize w = { 0 };
    SHOW(ioctl(slave, TIOCGWINSZ, &w));
    printf("%d %d %d %d\n", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
    w = (struct winsize){ 33, 77, 1, 2 };
    SHOW(ioctl(master, TIOCSWINSZ, &w));
    memset(&w, 0, sizeof w);
    SHOW(ioctl(slave, TIOCGWINSZ, &w));
    printf("%d %d %d %d\n", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
    struct termios t = cooked;
    t.c_cflag = (t.c_cflag & ~(tcflag_t)CSIZE) | CS7 | PARENB;
    SHOW(tcsetattr(slave, TCSANOW, &t));
    tcgetattr(master, &t);
    printf("a wire in memory: cflag %o\n", t.c_cflag);
    t.c_lflag &= ~(tcflag_t)ECHO;
    SHOW(tcsetattr(master, TCSANOW, &t)); /* the master's settings are the slave's */
    tcgetattr(slave, &t);
    printf("lflag %o\n", t.c_lflag);
    tcsetattr(slave, TCSANOW, &cooked);
    int n = 99;
    SHOW(ioctl(slave, TIOCGETD, &n));
    SHOW(n);
    n = 0;
    SHOW(ioctl(slave, TIOCSETD, &n));
    n = 77;
    SHOW(ioctl(slave, TIOCSETD, &n));
    SHOW(ioctl(slave, TIOCOUTQ, &n));
    SHOW(n);
    SHOW(ioctl(slave, TIOCGPTN, &n));
    SHOW(ioctl(slave, TIOCEXCL));
    SHOW(ioctl(slave, TIOCGEXCL, &n));
    SHOW(n);
    SHOW(ioctl(slave, TIOCNXCL));
    SHOW(tcsendbreak(slave, 0));
    SHOW(tcdrain(slave));
    SHOW(tcflow(slave, 9));
    SHOW(tcflush(slave, 9));
    SHOW(ioctl(slave, 0x54ff, 0));
    SHOW(ioctl(slave, TIOCMGET, &n));
}

/* struct termio of asm/termbits.h, which cannot stand beside termios.h. */
struct old_termio { unsigned short iflag, oflag, cflag, lflag; unsigned char line, cc[8]; };

static void check_old_settings(void)
{
    struct old_termio o = { 0 };
    struct termios t;
    SHOW(ioctl(slave, TCGETA, &o));
    printf("old: iflag %o oflag %o cflag %o lflag %o line %d cc %d %d %d\n", o.iflag, o.oflag, o.cflag, o.lflag, o.line,
           o.cc[0], o.cc[4], o.cc[7]);
    t = cooked;
    t.c_lflag |= 0200000; /* EXTPROC, which the old form has no room for */
    t.c_cc[VSUSP] = 7;
    tcsetattr(slave, TCSANOW, &t);
    o.lflag &= (unsigned short)~ECHO;
    o.cc[VINTR] = 5;
    SHOW(ioctl(master, TCSETA, &o));
    tcgetattr(slave, &t);
    printf("lflag %o cc %d %d\n", t.c_lflag, t.c_cc[VINTR], t.c_cc[VSUSP]);
    tcsetattr(slave, TCSANOW, &cooked);
    SHOW(ioctl(slave, TCSETAW, &o));
    type("gone\n");
    SHOW(wait_in(slave, POLLIN));
    SHOW(ioctl(slave, TCSETAF, &o));
    SHOW(ready(slave, POLLIN));
    SHOW(ioctl(slave, TCGETA, NULL));
    SHOW(ioctl(slave, TCSETA, NULL));
    tcsetattr(slave, TCSANOW, &cooked);
    show_seen("old settings");
}

/* What is locked stays as it is, without an error. The structure is the kernel's: 19 characters. */
static void check_locked_settings(void)
{
    struct { unsigned iflag, oflag, cflag, lflag; unsigned char line, cc[19]; } locks, none = { 0 };
    struct termios t = cooked;
    memset(&locks, 1, sizeof locks);
    SHOW(ioctl(slave, TIOCGLCKTRMIOS, &locks));
    CHECK(memcmp(&locks, &none, sizeof none) == 0);
    locks.lflag = ECHO;
    locks.cc[VINTR] = 1;
    int may = ioctl(slave, TIOCSLCKTRMIOS, &locks);
    CHECK(may == 0 || errno == EPERM); /* a container may forbid it to its root */
    t.c_lflag &= ~(tcflag_t)(ECHO | ECHOE);
    t.c_cc[VINTR] = t.c_cc[VQUIT] = 6;
    CHECK(tcsetattr(slave, TCSANOW, &t) == 0 && tcgetattr(slave, &t) == 0);
    CHECK(may || ((t.c_lflag & (ECHO | ECHOE)) == ECHO && t.c_cc[VINTR] == 3 && t.c_cc[VQUIT] == 6));
    CHECK(may || ioctl(master, TIOCSLCKTRMIOS, &none) == 0);
    CHECK(tcsetattr(slave, TCSANOW, &t) == 0 && ioctl(slave, TIOCGLCKTRMIOS, NULL) == -1 && errno == EFAULT);
    tcsetattr(slave, TCSANOW, &cooked);
}

static void check_names(void)
{
    struct stat a, b;
    char name[64], link[64] = "", path[64];
    int n = -1;
    SHOW(ioctl(master, TIOCGPTN, &n));
    snprintf(name, sizeof name, "/dev/pts/%d", n);
    CHECK(strcmp(ptsname(master), name) == 0);
    CHECK(strcmp(ttyname(slave), name) == 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", slave);
    CHECK(readlink(path, link, sizeof link - 1) > 0 && strcmp(link, name) == 0);
    CHECK(stat(name, &a) == 0 && fstat(slave, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev);
    CHECK(S_ISCHR(a.st_mode) && a.st_rdev == b.st_rdev && a.st_rdev == (dev_t)(136 << 8 | n));
    CHECK(a.st_uid == getuid());
    CHECK(fstat(master, &a) == 0 && a.st_rdev == (5 << 8 | 2));
    CHECK(fchmod(slave, 0622) == 0 && stat(name, &a) == 0 && (a.st_mode & 0777) == 0622);
    CHECK(isatty(slave) == 1 && isatty(master) == 1);
    CHECK(lseek(slave, 0, SEEK_SET) == -1 && errno == ESPIPE);
    SHOW(unlink("/dev/pts/99999"));
    int other = posix_openpt(O_RDWR | O_NOCTTY), m = -1;
    SHOW(ioctl(other, TIOCGPTLCK, &m));
    SHOW(m);
    snprintf(path, sizeof path, "%s", ptsname(other));
    SHOW(open(path, O_RDWR | O_NOCTTY));
    m = 0;
    SHOW(ioctl(other, TIOCSPTLCK, &m));
    int peer = ioctl(other, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    CHECK(peer >= 0 && strcmp(ttyname(peer), path) == 0);
    close(peer);
    close(other);
    SHOW(open(path, O_RDWR | O_NOCTTY));
}

static void check_lines(void)
{
    line("hello\n");
    line("a\rb\n");
    show_read("  rest", 100);
    line("abc\177d\n");
    line("abc def  \027x\n");
    line("abc\025def\n");
    line("a\tb\177\177c\n");
    line("\001\177x\n");
    line("ab\022c\n");
    line("a\026\003b\n");
    line("one\ntwo\n");
    show_read("  rest", 100);
    line("eof\004");
    line("\004");
    line("\026\004\n");
    with(IUTF8, 0, 0, 0);
    line("a\303\244\177b\n");
    with(0, ICRNL, 0, 0);
    line("a\rb\n");
    with(INLCR | IGNCR, 0, 0, 0);
    line("a\rb\ncd\004");
    with(ISTRIP, 0, 0, 0);
    line("\341\n");
    with(IUCLC, 0, 0, 0);
    line("ABC\n");
    with(PARMRK, 0, 0, 0);
    line("a\377b\n");
    with(0, 0, 0, ECHO);
    line("quiet\177x\n");
    with(0, 0, ECHONL, ECHO);
    line("nl\n");
    with(0, 0, 0, ECHOE);
    line("ab\177\027c\n");
    with(0, 0, 0, ECHOCTL);
    line("a\001\177b\n");
    with(0, 0, 0, ECHOKE);
    line("ab\025c\n");
    with(0, 0, 0, ECHOK);
    line("ab\025c\n");
    with(0, 0, ECHOPRT, 0);
    line("abc\177\177d\n");
    line("abc\177\177\n");
    line("xyz\n");
    with(0, 0, 0, IEXTEN);
    line("a\026b\027c\n");
    struct termios t = cooked;
    t.c_cc[VEOL] = ';';
    t.c_cc[VEOL2] = ',';
    tcsetattr(slave, TCSANOW, &t);
    line("a;");
    line("b,");
    tcsetattr(slave, TCSANOW, &cooked);
}

static void check_limits(void)
{
    static char text[5001], buf[8192];
    memset(text, 'x', 5000);
    with(0, 0, 0, ECHO);
    type(text);
    type("\n");
    CHECK(wait_in(slave, POLLIN));
    ssize_t n = read(slave, buf, sizeof buf);
    printf("a line of 5000: %zd, ends with %d\n", n, n > 0 ? buf[n - 1] : -1);
    type("short\n");
    show_read("in pieces", 3);
    int left = -1;
    SHOW(ioctl(slave, FIONREAD, &left));
    SHOW(left);
    show_read("in pieces", 3);
    type("a\n\004");
    CHECK(wait_in(slave, POLLIN));
    show_read("line", 100);
    CHECK(wait_in(slave, POLLIN));
    show_read("end", 100);
    type("abc\004");
    CHECK(wait_in(slave, POLLIN));
    show_read("as long as the line", 3);
    type("d\n");
    show_read("next", 100);
    tcsetattr(slave, TCSANOW, &cooked);
}

static void output_with(const char *what, tcflag_t oflag, const char *text)
{
    struct termios t = cooked;
    t.c_oflag = oflag;
    tcsetattr(slave, TCSANOW, &t);
    SHOW(write(slave, text, strlen(text)));
    show_seen(what);
}

static void check_output(void)
{
    output_with("raw", 0, "a\nb\r\tc");
    output_with("onlcr", OPOST | ONLCR, "a\nb\r\tc");
    output_with("ocrnl", OPOST | OCRNL, "a\rb");
    output_with("newline", OPOST, "\r\n");
    output_with("onocr", OPOST | ONOCR, "\ra\rb\r\r");
    output_with("newline", OPOST | ONLCR, "\n");
    output_with("xtabs", OPOST | XTABS, "\ta\tb\n\t");
    output_with("newline", OPOST | ONLCR, "\n");
    output_with("olcuc", OPOST | OLCUC, "abcXYZ{1");
    tcsetattr(slave, TCSANOW, &cooked);
}

static void read_raw(int min, int time, const char *typed, size_t size)
{
    char buf[64];
    struct termios t = raw;
    t.c_cc[VMIN] = (cc_t)min;
    t.c_cc[VTIME] = (cc_t)time;
    tcsetattr(slave, TCSANOW, &t);
    type(typed);
    if (*typed)
        for (int n = 0; n < (int)strlen(typed);)
            ioctl(slave, FIONREAD, &n);
    ssize_t n = read(slave, buf, size);
    printf("min %d time %d size %zu", min, time, size);
    show_bytes("", buf, n);
}

static void check_raw(void)
{
    read_raw(0, 0, "", 10);
    read_raw(0, 0, "abc", 2);
    read_raw(0, 0, "", 10);
    read_raw(0, 1, "", 10);
    read_raw(0, 1, "x", 10);
    read_raw(1, 0, "abc", 10);
    read_raw(3, 0, "abcd", 10);
    read_raw(9, 0, "abcd", 2);
    read_raw(2, 1, "", 10);
    read_raw(5, 1, "abc", 10);
    struct termios t = raw;
    t.c_cc[VMIN] = 3;
    tcsetattr(slave, TCSANOW, &t);
    type("ab");
    for (int n = 0; n < 2;)
        ioctl(slave, FIONREAD, &n);
    SHOW(ready(slave, POLLIN)); /* poll waits for VMIN bytes too */
    type("c");
    CHECK(wait_in(slave, POLLIN));
    t.c_cc[VMIN] = 1;
    tcsetattr(slave, TCSANOW, &t);
    show_read("all", 10);
    fcntl(slave, F_SETFL, O_NONBLOCK);
    SHOW(read(slave, &t, 1));
    fcntl(slave, F_SETFL, 0);
    /* Across the two modes. */
    tcsetattr(slave, TCSANOW, &cooked);
    type_and_wait("half", 4);
    tcsetattr(slave, TCSANOW, &raw);
    show_read("half a line", 10);
    type("raw");
    for (int n = 0; n < 3;)
        ioctl(slave, FIONREAD, &n);
    tcsetattr(slave, TCSANOW, &cooked);
    show_read("typed raw", 10);
    type_and_wait("x\004", 1);
    CHECK(wait_in(slave, POLLIN));
    tcsetattr(slave, TCSANOW, &raw);
    show_read("end of file, raw", 10);
    tcsetattr(slave, TCSANOW, &cooked);
    show_seen("echo");
    type_and_wait("gone", 4);
    tcsetattr(slave, TCSAFLUSH, &cooked);
    line("new\n");
    type_and_wait("gone", 4);
    SHOW(tcflush(slave, TCIFLUSH));
    line("new\n");
}

static void read_packet(const char *what)
{
    char buf[64];
    CHECK(wait_in(master, POLLIN));
    ssize_t n = read(master, buf, sizeof buf);
    show_bytes(what, buf, n);
}

static void check_packets(void)
{
    int on = 1, n = -1;
    struct termios t = cooked;
    SHOW(ioctl(master, TIOCPKT, &on));
    SHOW(ioctl(master, TIOCGPKT, &n));
    SHOW(n);
    SHOW(write(slave, "data", 4));
    read_packet("data");
    SHOW(ready(master, POLLPRI));
    SHOW(tcflush(slave, TCIFLUSH));
    SHOW(ready(master, POLLPRI));
    read_packet("flush");
    SHOW(tcflow(slave, TCOOFF));
    read_packet("stop");
    fcntl(slave, F_SETFL, O_NONBLOCK);
    SHOW(write(slave, "held", 4));
    fcntl(slave, F_SETFL, 0);
    SHOW(tcflow(slave, TCOON));
    read_packet("start");
    t.c_iflag &= ~(tcflag_t)IXON;
    tcsetattr(slave, TCSANOW, &t);
    read_packet("no ^S");
    tcsetattr(slave, TCSANOW, &cooked);
    read_packet("^S again");
    type("\023");
    read_packet("^S");
    type("\021");
    read_packet("^Q");
    SHOW(tcflow(slave, TCIOFF));
    read_packet("please stop");
    on = 0;
    SHOW(ioctl(master, TIOCPKT, &on));
}

static void check_hangups(void)
{
    char buf[16];
    struct pollfd p = { .events = POLLIN | POLLOUT };
    int m = posix_openpt(O_RDWR | O_NOCTTY);
    unlockpt(m);
    fcntl(m, F_SETFL, O_NONBLOCK);
    SHOW(read(m, buf, sizeof buf)); /* no slave yet */
    p.fd = m;
    poll(&p, 1, 0);
    printf("master, no slave yet: %x\n", p.revents);
    int s = open(ptsname(m), O_RDWR | O_NOCTTY);
    SHOW(write(s, "last", 4));
    close(s);
    p.events = POLLIN;
    poll(&p, 1, 20000);
    while (!(p.revents & POLLIN)) /* Linux's worker carries it over */
        poll(&p, 1, 20000);
    printf("master, slave gone, bytes left: %x\n", p.revents);
    SHOW(read(m, buf, sizeof buf));
    SHOW(read(m, buf, sizeof buf));
    p.events = POLLIN | POLLOUT;
    poll(&p, 1, 0);
    printf("master, slave gone: %x\n", p.revents);
    s = open(ptsname(m), O_RDWR | O_NOCTTY);
    SHOW(read(m, buf, sizeof buf));
    close(m);
    SHOW(read(s, buf, sizeof buf));
    SHOW(write(s, "x", 1));
    SHOW(ioctl(s, TIOCGWINSZ, buf));
    SHOW(tcsetpgrp(s, getpgrp()));
    p.fd = s;
    poll(&p, 1, 0);
    printf("slave, master gone: %x\n", p.revents);
    close(s);
}

/* --- sessions --- */

static volatile sig_atomic_t got;
static void on_signal(int signo) { got = got * 100 + signo; }

/* A session of its own, with the slave as its terminal; answers by its exit status. */
static void session(int (*what)(void), const char *name)
{
    int raw_status = -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        _exit(what());
    }
    waitpid(pid, &raw_status, 0);
    printf("%s: %d\n", name, raw_status);
}

static int by_open(void)
{
    int fd = open(ptsname(master), O_RDWR);
    int tty = open("/dev/tty", O_RDWR);
    int ok = fd >= 0 && tty >= 0 && tcgetsid(fd) == getpid() && tcgetpgrp(tty) == getpgrp() && tcgetsid(master) == getpid();
    return !ok;
}

static int by_noctty(void)
{
    int fd = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (open("/dev/tty", O_RDWR) != -1 || errno != ENXIO)
        return 1;
    if (tcgetpgrp(fd) != -1 || errno != ENOTTY)
        return 2;
    if (ioctl(fd, TIOCSCTTY, 0) != 0 || tcgetsid(fd) != getpid())
        return 3;
    if (fork() == 0) /* a child of the session has it too and cannot take it */
        _exit(ioctl(fd, TIOCSCTTY, 0) == -1 && errno == EPERM && open("/dev/tty", O_RDWR) >= 0 ? 0 : 1);
    int status;
    if (wait(&status) < 0 || status)
        return 4;
    signal(SIGHUP, SIG_IGN);
    if (ioctl(fd, TIOCNOTTY) != 0 || open("/dev/tty", O_RDWR) != -1)
        return 5;
    return 0;
}

static int size_signal(void)
{
    struct winsize w = { 5, 5, 0, 0 };
    int fd = open(ptsname(master), O_RDWR);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct timespec long_time = { 20, 0 }, none = { 0, 0 };
    ioctl(master, TIOCSWINSZ, &w);
    if (sigtimedwait(&set, NULL, &long_time) != SIGWINCH)
        return 1;
    ioctl(fd, TIOCSWINSZ, &w); /* the same */
    return sigtimedwait(&set, NULL, &none) == SIGWINCH ? 2 : 0;
}

static int key_signal(void)
{
    int fd = open(ptsname(master), O_RDWR);
    sigset_t set;
    struct timespec long_time = { 20, 0 };
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGQUIT);
    sigaddset(&set, SIGTSTP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    type("lost\003");
    if (sigtimedwait(&set, NULL, &long_time) != SIGINT)
        return 1;
    type("\034");
    if (sigtimedwait(&set, NULL, &long_time) != SIGQUIT)
        return 2;
    if (ioctl(master, TIOCSIG, SIGTSTP) != 0 || sigtimedwait(&set, NULL, &long_time) != SIGTSTP)
        return 3;
    if (ioctl(master, TIOCSIG, SIGKILL) != -1 || errno != EINVAL)
        return 4;
    type("kept\n");
    char buf[16];
    return read(fd, buf, sizeof buf) == 5 && memcmp(buf, "kept\n", 5) == 0 ? 0 : 5;
}

/* Only the administrator may, which a container's root may not be. */
static int by_hangup(void)
{
    char c;
    int fd = open(ptsname(master), O_RDWR);
    signal(SIGHUP, SIG_IGN);
    if (vhangup() != 0)
        return errno == EPERM ? 0 : 1;
    if (read(fd, &c, 1) != 0 || write(fd, "x", 1) != -1 || errno != EIO)
        return 2;
    if (open("/dev/tty", O_RDWR) != -1 || errno != ENXIO)
        return 3;
    fd = open(ptsname(master), O_RDWR);
    if (fd < 0 || tcgetsid(fd) != getpid() || setuid(65534) != 0) /* its next life */
        return 4;
    return vhangup() == -1 && errno == EPERM ? 0 : 5;
}

/* A child in a group of its own that does `what` to the terminal: its wait status. */
static int background(void (*what)(int fd), int fd)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        what(fd);
        _exit(7);
    }
    waitpid(pid, &status, WUNTRACED);
    kill(pid, SIGKILL);
    kill(pid, SIGCONT);
    int rest;
    if (WIFSTOPPED(status))
        waitpid(pid, &rest, 0);
    return WIFSTOPPED(status) ? WSTOPSIG(status) : 1000 + WEXITSTATUS(status);
}

static void do_read(int fd) { char c; (void)!read(fd, &c, 1); }
static void do_write(int fd) { (void)!write(fd, "x", 1); }
static void do_set(int fd) { tcsetattr(fd, TCSANOW, &cooked); }
static void do_flush(int fd) { tcflush(fd, TCIFLUSH); }
static void do_pgrp(int fd) { tcsetpgrp(fd, getpgrp()); }
static void do_read_ignoring(int fd)
{
    char c;
    signal(SIGTTIN, SIG_IGN);
    _exit(read(fd, &c, 1) == -1 && errno == EIO ? 8 : 9);
}
static void do_write_ignoring(int fd)
{
    signal(SIGTTOU, SIG_IGN);
    _exit(write(fd, "x", 1) == 1 && tcsetattr(fd, TCSANOW, &cooked) == 0 ? 8 : 9);
}

static int jobs(void)
{
    int fd = open(ptsname(master), O_RDWR);
    struct termios t = cooked;
    printf("background: read %d write %d set %d flush %d pgrp %d\n", background(do_read, fd), background(do_write, fd),
           background(do_set, fd), background(do_flush, fd), background(do_pgrp, fd));
    t.c_lflag |= TOSTOP;
    tcsetattr(fd, TCSANOW, &t);
    printf("tostop: write %d, ignored: read %d write %d\n", background(do_write, fd), background(do_read_ignoring, fd),
           background(do_write_ignoring, fd));
    tcsetattr(fd, TCSANOW, &cooked);
    fflush(stdout);
    return 0;
}

/* The master goes: the leader hears SIGHUP and SIGCONT, nobody has a terminal any more. */
static void check_master_gone(void)
{
    int ready_pipe[2], m = posix_openpt(O_RDWR | O_NOCTTY), status = -1;
    unlockpt(m);
    if (pipe(ready_pipe) != 0)
        return;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        sigset_t set, old;
        sigemptyset(&set);
        sigaddset(&set, SIGHUP);
        sigaddset(&set, SIGCONT);
        setsid();
        int fd = open(ptsname(m), O_RDWR);
        close(m);
        signal(SIGHUP, on_signal);
        signal(SIGCONT, on_signal);
        sigprocmask(SIG_BLOCK, &set, &old);
        if (write(ready_pipe[1], "r", 1) != 1)
            _exit(9);
        while (got < 100)
            sigsuspend(&old);
        char c;
        bool good = read(fd, &c, 1) == 0 && write(fd, "x", 1) == -1 && errno == EIO && open("/dev/tty", O_RDWR) == -1 && errno == ENXIO;
        _exit(good ? 0 : 1);
    }
    char c;
    CHECK(read(ready_pipe[0], &c, 1) == 1);
    close(m);
    waitpid(pid, &status, 0);
    SHOW(status);
    close(ready_pipe[0]);
    close(ready_pipe[1]);
}

/* Much in both directions at once. */
static void check_bulk(void)
{
    enum { TOTAL = 300000 };
    static char buf[4096];
    int status = -1;
    tcsetattr(slave, TCSANOW, &raw);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) { /* gives back what it reads */
        for (size_t done = 0; done < TOTAL;) {
            ssize_t n = read(slave, buf, sizeof buf);
            if (n <= 0 || write(slave, buf, (size_t)n) != n)
                _exit(1);
            done += (size_t)n;
        }
        _exit(0);
    }
    fcntl(master, F_SETFL, O_NONBLOCK);
    size_t sent = 0, seen = 0, wrong = 0;
    while (seen < TOTAL) {
        struct pollfd p = { .fd = master, .events = (short)(POLLIN | (sent < TOTAL ? POLLOUT : 0)) };
        if (poll(&p, 1, 20000) != 1)
            break;
        if (p.revents & POLLOUT) {
            for (size_t i = 0; i < 1000; i++)
                buf[i] = (char)((sent + i) % 251);
            ssize_t n = write(master, buf, sent + 1000 <= TOTAL ? 1000 : TOTAL - sent);
            sent += n > 0 ? (size_t)n : 0;
        }
        ssize_t n = p.revents & POLLIN ? read(master, buf, sizeof buf) : 0;
        for (ssize_t i = 0; i < n; i++)
            wrong += buf[i] != (char)((seen + (size_t)i) % 251);
        seen += n > 0 ? (size_t)n : 0;
    }
    fcntl(master, F_SETFL, 0);
    CHECK(sent == TOTAL && seen == TOTAL && wrong == 0);
    if (seen < TOTAL)
        kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    SHOW(status);
    tcsetattr(slave, TCSANOW, &cooked);
}

int main(void)
{
    alarm(100);
    open_pair();
    check_names();
    check_settings();
    check_old_settings();
    check_locked_settings();
    check_lines();
    check_limits();
    check_output();
    check_raw();
    check_packets();
    check_bulk();
    close_pair();
    check_hangups();
    open_pair();
    close(slave);
    session(by_open, "terminal by open");
    session(by_noctty, "terminal by request");
    session(by_hangup, "hangup by request");
    session(size_signal, "size");
    session(key_signal, "keys");
    session(jobs, "jobs");
    close(master);
    check_master_gone();
    return check_result();
}
