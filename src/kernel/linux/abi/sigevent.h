/* struct sigevent (sigevent(7)): how a program wants to be told. */
#pragma once
#include "lib/types.h"

enum { SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID = 4 };

struct lx_sigevent { u64 value; i32 signo, notify, tid; u32 pad[11]; };
_Static_assert(sizeof(struct lx_sigevent) == 64, "struct sigevent");
