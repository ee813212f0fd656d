/* Terminal settings: POSIX names with the values Linux gives them on x86-64
 * (asm-generic/termbits.h), so that linux/ need not translate. */
#pragma once
#include "lib/types.h"

#define TTY_NCCS 19
struct tty_termios { u32 iflag, oflag, cflag, lflag; u8 line; u8 cc[TTY_NCCS]; };
struct tty_winsize { u16 rows, cols, xpixel, ypixel; };

enum { VINTR, VQUIT, VERASE, VKILL, VEOF, VTIME, VMIN, VSWTC, VSTART, VSTOP, VSUSP, VEOL, VREPRINT,
       VDISCARD, VWERASE, VLNEXT, VEOL2 };

/* Flags of each field; octal as there. */
#define T_BRKINT 0002u
#define T_IGNCR 0200u
#define T_ICRNL 0400u
#define T_INLCR 0100u
#define T_ISTRIP 0040u
#define T_PARMRK 0010u
#define T_IUCLC 01000u
#define T_IXON 02000u
#define T_IXANY 04000u
#define T_IMAXBEL 020000u
#define T_IUTF8 040000u
#define T_OPOST 0001u
#define T_OLCUC 0002u
#define T_ONLCR 0004u
#define T_OCRNL 0010u
#define T_ONOCR 0020u
#define T_ONLRET 0040u
#define T_TABDLY 014000u
#define T_XTABS 014000u
#define T_CBAUD 010017u
#define T_CBAUDEX 010000u
#define T_B38400 0017u
#define T_CSIZE 0060u
#define T_CS8 0060u
#define T_CREAD 0200u
#define T_PARENB 0400u
#define T_HUPCL 02000u
#define T_ISIG 0001u
#define T_ICANON 0002u
#define T_ECHO 0010u
#define T_ECHOE 0020u
#define T_ECHOK 0040u
#define T_ECHONL 0100u
#define T_NOFLSH 0200u
#define T_TOSTOP 0400u
#define T_ECHOCTL 01000u
#define T_ECHOPRT 02000u
#define T_ECHOKE 04000u
#define T_IEXTEN 0100000u
#define T_EXTPROC 0200000u
