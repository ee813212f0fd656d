/* What the emergency keys do, when no program can be asked any more (Linux, Documentation/admin-guide/
 * sysrq.rst; the letters are the same). Called by the thread that reads the keyboard. */
#include "dev/power.h"
#include "lib/klog.h"
#include "linux/signal_priv.h"
#include "linux/tty_job.h"

/* Somebody asks: shown even with `quiet`. */
#define say(...) klog(LOG_ERR, __VA_ARGS__)

static void show_task(struct process *p, void *ctx)
{
    say("sysrq: %5d %-15s parent %d, group %d, session %d%s", p->pid, p->name, p->ppid,
           p->pgrp, p->session, p->state == PROCESS_ALIVE ? "" : ", ended");
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
