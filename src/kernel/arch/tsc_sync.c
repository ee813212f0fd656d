/* The boot CPU reads its counter, asks, and reads it again when the answer is there. An answer that
 * does not lie between the two contradicts causality: a program that moved from one CPU to the other
 * would see the clock go backwards. If that happens the other counter is set and asked again.
 *
 *   step: IDLE --ask--> QUESTION --answer--> ANSWER ... --> SET --> ANSWER ... --> DONE
 *
 * (SDM vol. 3, 18.17.3: IA32_TSC_ADJUST moves the counter by what is added to it) */
#include "arch/tsc_sync.h"
#include "arch/cpu.h"
#include "arch/msr.h"
#include "arch/tsc.h"

#define MSR_TSC 0x10u
#define MSR_TSC_ADJUST 0x3bu
#define ROUNDS_MAX 64u
#define ROUNDS_MIN 2u
#define ROUNDS_US 500u /* on a host that does not run both at once a round may take milliseconds */
#define CORRECTIONS 3
#define ANSWER_MS 1000u

enum step { IDLE, QUESTION, ANSWER, SET, DONE };

static u32 step; /* atomic; enum step */
static u64 there;
static i64 correction;

static enum step step_get(void) { return __atomic_load_n(&step, __ATOMIC_ACQUIRE); }
static void step_set(enum step s) { __atomic_store_n(&step, s, __ATOMIC_RELEASE); }

/* Neither earlier nor later instructions are mixed with the reading. (SDM vol. 2, RDTSC) */
static u64 read_ordered(void)
{
    __asm__ volatile("lfence" : : : "memory");
    u64 t = rdtsc();
    __asm__ volatile("lfence" : : : "memory");
    return t;
}

static void move_counter(i64 by)
{
    if (cpuid(0, 0).eax >= 7 && (cpuid(7, 0).ebx >> 1 & 1))
        wrmsr(MSR_TSC_ADJUST, rdmsr(MSR_TSC_ADJUST) + (u64)by);
    else
        wrmsr(MSR_TSC, rdtsc() + (u64)by);
}

void tsc_sync_begin(void) { step_set(IDLE); }

void tsc_sync_answer(void)
{
    enum step s;

    while ((s = step_get()) != DONE) {
        if (s == QUESTION)
            there = read_ordered();
        else if (s == SET)
            move_counter(correction);
        if (s == QUESTION || s == SET)
            step_set(ANSWER);
        else
            cpu_relax();
    }
}

/* False: the other CPU has stopped. */
static bool command(enum step s)
{
    u64 end = rdtsc() + ANSWER_MS * tsc_khz;

    step_set(s);
    while (step_get() != ANSWER) {
        if ((i64)(rdtsc() - end) > 0)
            return false;
        cpu_relax();
    }
    return true;
}

static bool ask_rounds(struct tsc_rounds *r)
{
    u64 end = rdtsc() + ROUNDS_US * tsc_khz / 1000;

    *r = (struct tsc_rounds){ 0 };
    while (r->n < ROUNDS_MIN || (r->n < ROUNDS_MAX && (i64)(rdtsc() - end) < 0)) {
        u64 asked = read_ordered();
        if (!command(QUESTION))
            return false;
        u64 answered = read_ordered();
        tsc_round_add(r, asked, there, answered);
    }
    return true;
}

bool tsc_sync_ask(i64 *ahead)
{
    struct tsc_rounds r;

    bool answers = ask_rounds(&r);
    for (int i = 0; answers && r.impossible && i < CORRECTIONS; i++) {
        correction = -r.ahead;
        answers = command(SET) && ask_rounds(&r);
    }
    *ahead = r.ahead;
    step_set(DONE);
    return answers && !r.impossible;
}
