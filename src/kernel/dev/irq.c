/* Interrupt lines: who handles which, and the chip that delivers them. Lines of messages have no chip.
 *
 * Promises: a handler runs with interrupts off and the chip is told afterwards; a line nobody
 * asked for is masked when it fires, so that it cannot storm. The lock serialises the chip's mask
 * registers and the table; handlers run without it. A handler that is being released may still
 * run once more on another CPU: its ctx must stay valid, as drivers' do (they are never unloaded). */
#include "dev/irq.h"
#include "arch/lapic.h"
#include "arch/spinlock.h"
#include "arch/trap.h"
#include "lib/errno.h"
#include "lib/klog.h"

/* Where a message is written, and the largest number that fits in there. (SDM vol. 3, 11.11.1) */
#define MESSAGE_ADDRESS 0xfee00000u
#define MESSAGE_CPU_SHIFT 12
#define MESSAGE_CPU_MAX 254u

struct irq_line { irq_handler_fn fn; void *ctx; const char *name; bool told, message; };

static struct spinlock lock = SPINLOCK_INIT("irq"); /* irqsave */
static struct irq_line lines[VEC_IRQ_COUNT];        /* fn is published last */
static const struct irqchip *chip;

static void take_over_locked(const struct irqchip *old, const struct irqchip *new)
{
    if (old && old->retire)
        old->retire();
    __atomic_store_n(&chip, new, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < new->nlines; i++)
        if (lines[i].fn)
            new->unmask(i);
}

void irq_set_chip(const struct irqchip *new_chip)
{
    u64 state = spin_lock_irqsave(&lock);
    ASSERT(new_chip->mask && new_chip->unmask && new_chip->eoi && new_chip->nlines <= VEC_IRQ_COUNT);
    if (!chip || chip->rank < new_chip->rank)
        take_over_locked(chip, new_chip);
    else if (new_chip->retire)
        new_chip->retire();
    spin_unlock_irqrestore(&lock, state);
}

const struct irqchip *irq_chip(void) { return __atomic_load_n(&chip, __ATOMIC_ACQUIRE); }

static void claim_locked(struct irq_line *line, irq_handler_fn fn, void *ctx, const char *name)
{
    line->ctx = ctx;
    line->name = name;
    __atomic_store_n(&line->fn, fn, __ATOMIC_RELEASE);
}

int irq_request(unsigned irq, irq_handler_fn fn, void *ctx, const char *name)
{
    if (irq >= VEC_IRQ_COUNT || !fn)
        return -EINVAL;
    struct irq_line *line = &lines[irq];
    u64 state = spin_lock_irqsave(&lock);
    int r = chip && irq >= chip->nlines ? -EINVAL : line->fn ? -EBUSY : 0;
    if (!r) {
        claim_locked(line, fn, ctx, name);
        if (chip)
            chip->unmask(irq);
    }
    spin_unlock_irqrestore(&lock, state);
    return r;
}

/* From the top, where no chip has lines. NULL: all are taken. */
static struct irq_line *free_message_line_locked(void)
{
    for (unsigned i = VEC_IRQ_COUNT; i-- > (chip ? chip->nlines : 0);)
        if (!lines[i].fn)
            return &lines[i];
    return NULL;
}

int irq_request_message(irq_handler_fn fn, void *ctx, const char *name, unsigned *irq, struct irq_message *out)
{
    u32 cpu = lapic_in_use() ? lapic_id() : ~0u;
    if (cpu > MESSAGE_CPU_MAX)
        return -ENODEV;
    u64 state = spin_lock_irqsave(&lock);
    struct irq_line *line = free_message_line_locked();
    if (line) {
        line->message = true;
        claim_locked(line, fn, ctx, name);
        *irq = (unsigned)(line - lines);
    }
    spin_unlock_irqrestore(&lock, state);
    if (!line)
        return -ENOSPC;
    *out = (struct irq_message){ MESSAGE_ADDRESS | cpu << MESSAGE_CPU_SHIFT, VEC_IRQ_BASE + *irq };
    return 0;
}

bool irq_is_message(unsigned irq)
{
    return irq < VEC_IRQ_COUNT && __atomic_load_n(&lines[irq].message, __ATOMIC_RELAXED);
}

void irq_release(unsigned irq)
{
    ASSERT(irq < VEC_IRQ_COUNT);
    u64 state = spin_lock_irqsave(&lock);
    if (chip && irq < chip->nlines)
        chip->mask(irq);
    __atomic_store_n(&lines[irq].fn, NULL, __ATOMIC_RELEASE);
    spin_unlock_irqrestore(&lock, state);
}

static void mask_unclaimed(const struct irqchip *c, unsigned irq)
{
    spin_lock(&lock); /* interrupts are off already */
    if (!lines[irq].fn)
        c->mask(irq);
    spin_unlock_no_resched(&lock);
}

/* No mask, no chip: the local APIC alone knows of it. One that comes late, after the line was given back, too. */
static void dispatch_message(struct irq_line *line, unsigned irq)
{
    irq_handler_fn fn = __atomic_load_n(&line->fn, __ATOMIC_ACQUIRE);

    if (fn)
        fn(irq, line->ctx);
    lapic_eoi();
}

void irq_dispatch(unsigned irq)
{
    const struct irqchip *c = __atomic_load_n(&chip, __ATOMIC_ACQUIRE);
    if (c && irq >= c->nlines && irq_is_message(irq)) {
        dispatch_message(&lines[irq], irq);
        return;
    }
    if (!c || irq >= c->nlines || (c->spurious && c->spurious(irq)))
        return;
    struct irq_line *line = &lines[irq];
    irq_handler_fn fn = __atomic_load_n(&line->fn, __ATOMIC_ACQUIRE);
    if (fn)
        fn(irq, line->ctx);
    else
        mask_unclaimed(c, irq);
    c->eoi(irq);
    if (!fn && !__atomic_exchange_n(&line->told, true, __ATOMIC_RELAXED))
        kwarn("irq: line %u fired and nobody wants it; masked", irq);
}

const char *irq_name(unsigned irq)
{
    return irq < VEC_IRQ_COUNT && __atomic_load_n(&lines[irq].fn, __ATOMIC_ACQUIRE) ? lines[irq].name : NULL;
}
