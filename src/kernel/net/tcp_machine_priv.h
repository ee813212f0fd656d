/* Inside the TCP machine (tcp_machine.h): what its files ask of each other. */
#pragma once
#include "net/tcp_machine.h"

#define WINDOW_MAX 65535u
#define OUR_SCALE 3u /* 512 KiB of window */

/* tcp_machine.c: states */
void tcp_end(struct tcp *t, int error);
void tcp_time_wait(struct tcp *t, u64 now);

/* tcp_output.c */
/* A segment of len bytes, `offset` bytes into what is queued, with the window of this moment. */
void tcp_emit(struct tcp *t, u32 seq, u8 flags, u32 len, u32 offset);
void tcp_send_syn(struct tcp *t, u64 now);
/* The next len bytes after snd_nxt. */
void tcp_send_piece(struct tcp *t, u32 len, bool fin, u64 now);
/* Something waits for an answer from now on. */
void tcp_resend_start(struct tcp *t, u64 now);

/* tcp_resend.c */
void tcp_rtt_take(struct tcp *t, u64 now);

/* tcp_ack.c */
void tcp_window_take(struct tcp *t, const struct tcp_segment *s);
/* A segment that does not fit is answered with what would. Two ends that do not fit each other's must
 * not answer each other for ever: what has no data is answered now and then only. */
void tcp_challenge(struct tcp *t, const struct tcp_segment *s, u64 now);
/* False: the segment is done with. */
bool tcp_ack_take(struct tcp *t, const struct tcp_segment *s, u64 now) MUST_CHECK;

/* tcp_bytes.c */
/* Cuts what was received before and what does not fit. False: nothing of it is in the window. */
bool tcp_trim(struct tcp *t, struct tcp_segment *s) MUST_CHECK;
/* s begins at or after rcv_nxt and ends within the window. */
void tcp_data_take(struct tcp *t, const struct tcp_segment *s);
