/* Between file_owner.c and file_news.c only. */
#pragma once
#include "linux/file_owner.h"
#include "object/event.h"

#define NEWS_IN (POLL_READABLE | POLL_RDHUP | TTY_INPUT)
#define NEWS (NEWS_IN | POLL_WRITABLE | POLL_PRI | POLL_ERR | POLL_HUP)

/* Whom, with what, and for whom: what is sent is judged as if the one who named the owner sent it. */
struct target {
    int type, id; /* LX_F_OWNER_*, id 0: nobody */
    struct process *process; /* counted; NULL for groups */
    u32 uid, euid;
    int signo, fd;
};

struct owner {
    struct file_owner base;
    u32 refs;            /* atomic: the file's, and that of the thread which sends */
    struct mutex lock;   /* the next three */
    struct target to;
    bool watching;
    struct kobject *keep;
    struct watcher watch;
    struct list due_link; /* file_news.c's, as the next one */
    u32 bits;
};

void owner_put(struct owner *o);

/* The thread that sends runs. -ENOMEM. */
int news_start(void) MUST_CHECK;
/* Any context, with any lock but those that sending takes. */
void news_add(struct owner *o, u32 bits);
/* What was not sent yet is not sent. */
void news_drop(struct owner *o);
