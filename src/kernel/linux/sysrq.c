/* What the emergency keys do, when no program can be asked any more (Linux, Documentation/admin-guide/
 * sysrq.rst; the letters are the same). Called by the thread that reads the keyboard. */
#include "dev/power.h"
#include "lib/klog.h"
#include "linux/procfs_snapshot.h"
#include "linux/signal_priv.h"
#include "linux/syscall.h"
#include "linux/tty_job.h"

/* Somebody asks: shown whatever loglevel= says. */
#define say(...) klog(LOG_EMERG, __VA_ARGS__)

#define SHOWN_MAX 16 /* threads of a process */

struct shown { unsigned n; struct { int tid; char state; u64 vector, call; } thread[SHOWN_MAX]; };

static bool look_at_thread(struct uthread *ut, void *ctx)
{
    struct shown *s = ctx;
    const struct trap_frame *f = thread_user_frame(ut->thread);
    s->thread[s->n].tid = ut->tid;
    s->thread[s->n].state = lx_thread_state(ut);
    s->thread[s->n].vector = f->vector;
    s->thread[s->n++].call = f->error;
    return s->n < SHOWN_MAX;
}

static const char *where_is(const struct shown *s, unsigned i)
{
    const char *name = s->thread[i].vector == TRAP_SYSCALL ? lx_syscall_name(s->thread[i].call) : NULL;
    if (s->thread[i].state == 'R')
        return "runs"; /* and its frame may be old */
    return name ? name : s->thread[i].vector == VEC_PF ? "a page fault" : "between two instructions";
}

/* Which call each thread sleeps in tells what a machine that stands still waits for. */
static void show_task(struct process *p, void *ctx)
{
    struct shown s = { 0 };
    if (p->state == PROCESS_ALIVE)
        process_for_each_thread(p, look_at_thread, &s);
    say("sysrq: %5d %-15s parent %d, group %d, session %d: %c %s%s", p->pid, p->name, p->ppid, p->pgrp, p->session,
        s.n ? s.thread[0].state : 'Z', s.n ? where_is(&s, 0) : "ended", s.n && p->lx->stopped ? " (stopped)" : "");
    for (unsigned i = 1; i < s.n; i++)
        say("sysrq: %5d   thread %d: %c %s", p->pid, s.thread[i].tid, s.thread[i].state, where_is(&s, i));
}

struct everybody { struct lx_siginfo info; };

static void signal_task(struct process *p, void *ctx)
{
    struct everybody *e = ctx;
    if (p->pid != 1 && lx_signal_process(p, &e->info) < 0)
        return; /* it ends already */
}

static void signal_all(int signo)
{
    struct everybody e = { .info = { .signo = signo, .code = LX_SI_KERNEL } };
    process_for_each(signal_task, &e);
}

void lx_sysrq(char key)
{
    switch (key) {
    case 't': process_for_each(show_task, NULL); break;
    case 's': say("sysrq: sync: every file system is in memory"); break;
    case 'e': say("sysrq: SIGTERM to all"); signal_all(SIGTERM); break;
    case 'i': say("sysrq: SIGKILL to all"); signal_all(SIGKILL); break;
    case 'b': say("sysrq: reboot"); power_do(POWER_REBOOT);
    default: say("sysrq: t tasks, s sync, e SIGTERM, i SIGKILL, b reboot; h this help"); break;
    }
}

/* Ctrl-Alt-Del: init knows how to end a system in order. */
void lx_ask_restart(void)
{
    struct lx_siginfo info = { .signo = SIGINT, .code = LX_SI_KERNEL };
    struct process *init = process_find(1);
    if (!init)
        return;
    if (lx_signal_process(init, &info) < 0)
        say("ctrl-alt-del: process 1 ends already");
    kobject_put(&init->obj);
}
