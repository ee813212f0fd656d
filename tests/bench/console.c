/* Text to the first virtual console, which has the screen: what `cat` of a file costs there. Run by tests/bench/screen. */
#include "bench.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { ROWS = 24, LINE = 80, SCREENS = 40, LINES = 4000, PIECE = 4096, TIMES = 4 };

static char text[LINES * LINE];

int console_open(int flags)
{
    const char *path = access("/dev/tty1", F_OK) == 0 ? "/dev/tty1" : "/tmp/bench/tty1";
    if (access(path, F_OK) < 0)
        CHECK(mknod(path, S_IFCHR | 0600, makedev(4, 1)) == 0);
    int fd = open(path, flags | O_NOCTTY);
    CHECK(fd >= 0);
    return fd;
}

static void write_all(int fd, const char *bytes, size_t n)
{
    for (size_t done = 0; done < n;) {
        long r = sys3(SYS_write, fd, (long)(bytes + done), n - done < PIECE ? (long)(n - done) : PIECE);
        CHECK(r > 0);
        done += (size_t)r;
    }
}

static void put_and_measure(size_t n)
{
    int fd = console_open(O_WRONLY);
    write_all(fd, "\033c", 2);
    write_all(fd, text, n / 2); /* warms up, and fills the screen */
    measure_begin();
    for (int i = 0; i < TIMES; i++) /* long enough that whoever draws later has to draw meanwhile */
        write_all(fd, text, n);
    measure_end(0, TIMES * n / 1024);
    write_all(fd, "\033c", 2);
    close(fd);
}

/* A full screen, again and again, other letters each time: no line moves. */
static void vt_text(void)
{
    char *p = text;
    for (int screen = 0; screen < SCREENS; screen++) {
        p += sprintf(p, "\033[H");
        for (int row = 0; row < ROWS; row++) {
            for (int col = 0; col < LINE - 2; col++)
                *p++ = (char)('!' + (screen * 7 + row * 3 + col) % 90);
            *p++ = '\r', *p++ = '\n';
        }
    }
    put_and_measure((size_t)(p - text));
}

/* Long lines that scroll, as a listing does. */
static void vt_scroll(void)
{
    char *p = text;
    for (int i = 0; i < LINES / 2; i++) {
        p += sprintf(p, "-rw-r--r-- 1 root root %8d Jan  1 00:00 some-file-with-a-name-%d\n", i * 7919, i);
    }
    put_and_measure((size_t)(p - text));
}

/* Short lines: nearly all of it is scrolling. */
static void vt_lines(void)
{
    char *p = text;
    for (int i = 0; i < LINES; i++)
        p += sprintf(p, "%d\n", i);
    put_and_measure((size_t)(p - text));
}

/* Colours change every few characters, as `ls --color` and a compiler's messages do. */
static void vt_colour(void)
{
    char *p = text;
    for (int i = 0; i < LINES / 2; i++)
        p += sprintf(p, "\033[1;%dmfile%d\033[0m is \033[3%dma thing\033[0m of \033[7msome kind\033[m\n", 31 + i % 7, i, i % 8);
    put_and_measure((size_t)(p - text));
}

const struct test console_tests[] = {
    { "vt_text", vt_text }, { "vt_scroll", vt_scroll }, { "vt_lines", vt_lines }, { "vt_colour", vt_colour }, { NULL, NULL },
};
