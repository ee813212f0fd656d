/* reset: a terminal that some program left unusable works again: settings as a new one has them (termios(3)), and
 * the sequence after which the screen forgets character sets, margins, colours and what else it was told. */
#include "../lib/util.h"

#include <termios.h>
#include <unistd.h>

/* The speed, the size and whether the line has a modem are not the program's business. */
static void set_sane(struct termios *settings)
{
    static const cc_t keys[NCCS] = {
        [VINTR] = 3, [VQUIT] = 28, [VERASE] = 127, [VKILL] = 21, [VEOF] = 4, [VMIN] = 1, [VSTART] = 17, [VSTOP] = 19,
        [VSUSP] = 26, [VREPRINT] = 18, [VDISCARD] = 15, [VWERASE] = 23, [VLNEXT] = 22,
    };
    settings->c_iflag = ICRNL | IXON | (settings->c_iflag & IUTF8);
    settings->c_oflag = OPOST | ONLCR;
    settings->c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
    settings->c_cflag |= CREAD;
    for (size_t i = 0; i < NCCS; i++)
        settings->c_cc[i] = keys[i];
}

int main(int argc, char **argv)
{
    static const char sequence[] = "\033c\033]104\a\033[?25h"; /* RIS, the palette (xterm's OSC 104), the cursor */
    struct termios settings;
    (void)argc;
    tool_init(argv, "usage: reset\nMake the terminal usable again.\n");
    int tty = isatty(2) ? 2 : isatty(1) ? 1 : 0;
    if (tcgetattr(tty, &settings) < 0)
        die("no terminal");
    set_sane(&settings);
    if (tcsetattr(tty, TCSADRAIN, &settings) < 0)
        die("settings");
    if (full_write(tty, sequence, sizeof sequence - 1) < 0)
        die("write error");
    return 0;
}
