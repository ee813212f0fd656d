/* Input events from interrupt handlers to the tty: a ring, so that the interrupt ends here. */
#pragma once
#include "lib/types.h"

enum input_kind { INPUT_KEY, INPUT_BYTE, INPUT_ANSWER, INPUT_LINES };
/* Key codes are Linux's (input-event-codes.h): KEY_A = 30, ... */
struct input_event { enum input_kind kind; bool pressed; u16 code; /* key, or the byte itself; of an answer console << 8 | byte */ };

/* Any context. Drops the event and counts it when the ring (1024) is full. */
void input_key(u16 code, bool pressed);
void input_byte(u8 byte); /* of the serial line */
/* A console sink that can be read (dev/console.h) has something: whoever waits asks them all. Never lost. */
void input_lines_news(void);
void input_answer(unsigned console, u8 byte); /* a virtual console to the program that asked it */
/* For a source that can make its sender wait (a serial line): true if there is no room now; then the
 * resume function is called, in a thread and with no lock of this file held, once there is. */
bool input_full(void);
void input_set_resume_fn(void (*fn)(void));
/* Waits for the next event. For the tty's worker thread. */
void input_wait(struct input_event *out);
u64 input_dropped(void);
/* Lock LEDs: bit 0 scroll, 1 num, 2 caps. The keyboard driver registers the function. */
void input_set_led_fn(void (*fn)(unsigned leds));
void input_set_leds(unsigned leds);
