/* Between console.c, which chooses the sinks, and console_log.c, which shares each between the log
 * and the shell. */
#pragma once
#include "dev/console.h"

/* The sink follows the log from its first line on, while s->log says so. */
void console_log_join(struct console_sink *s);
/* The shell's output. May wait for a line of the log to end. */
void console_text_write(struct console_sink *s, const char *bytes, size_t n);
