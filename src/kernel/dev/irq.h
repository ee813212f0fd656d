/* Interrupt lines 0..15 (ISA numbering; an IO-APIC driver translates). */
#pragma once
#include "lib/types.h"

/* The handler runs with interrupts off on the interrupted thread's stack; must not sleep. */
typedef void (*irq_handler_fn)(unsigned irq, void *ctx);

struct irqchip {
    const char *name;
    void (*mask)(unsigned irq);
    void (*unmask)(unsigned irq);
    void (*eoi)(unsigned irq);
    bool (*spurious)(unsigned irq); /* true: swallow (chip did its own bookkeeping); may be NULL */
};
void irq_set_chip(const struct irqchip *chip);
/* Unmasks the line. -EBUSY if taken, -EINVAL. */
int irq_request(unsigned irq, irq_handler_fn fn, void *ctx, const char *name) MUST_CHECK;
void irq_release(unsigned irq);
/* From the switchboard: runs the handler, tells the chip. */
void irq_dispatch(unsigned irq);
u64 irq_count(unsigned irq);
