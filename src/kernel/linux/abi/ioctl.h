/* ioctl numbers (asm-generic/ioctls.h). */
#pragma once

#define LX_TCGETS 0x5401
#define LX_TCSETS 0x5402
#define LX_TCSETSW 0x5403
#define LX_TCSETSF 0x5404
#define LX_TCSBRK 0x5409
#define LX_TCXONC 0x540a
#define LX_TCFLSH 0x540b
#define LX_TIOCSCTTY 0x540e
#define LX_TIOCGPGRP 0x540f
#define LX_TIOCSPGRP 0x5410
#define LX_TIOCSTI 0x5412
#define LX_TIOCGWINSZ 0x5413
#define LX_TIOCSWINSZ 0x5414
#define LX_FIONREAD 0x541b
#define LX_FIONBIO 0x5421
#define LX_TIOCNOTTY 0x5422
#define LX_TCSBRKP 0x5425
#define LX_TIOCGSID 0x5429
#define LX_FIONCLEX 0x5450
#define LX_FIOCLEX 0x5451
