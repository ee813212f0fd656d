/* Interrupt lines. 0..15 are those of the ISA bus, wherever they arrive; the rest of the chip's are numbered as
 * ACPI does (global system interrupts). Above them are lines without a wire: a device writes a message to a CPU's
 * local APIC (PCI's MSI and MSI-X). */
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
    void (*retire)(void);           /* another one does its work: be silent for good; may be NULL */
    unsigned nlines;                /* lines 0..nlines - 1 may arrive */
    unsigned rank;                  /* the highest that there is is used */
};
void irq_set_chip(const struct irqchip *chip);
const struct irqchip *irq_chip(void); /* NULL: none yet */
/* Unmasks the line. -EBUSY if taken, -EINVAL. */
int irq_request(unsigned irq, irq_handler_fn fn, void *ctx, const char *name) MUST_CHECK;
void irq_release(unsigned irq);
/* What a device has to write where, so that the handler runs. */
struct irq_message { u64 address; u32 data; };
/* A line for messages, to this CPU. *irq is for irq_release, once the device has been told to be silent. -ENODEV
 * without a local APIC that can be written to, -ENOSPC. */
int irq_request_message(irq_handler_fn fn, void *ctx, const char *name, unsigned *irq,
                        struct irq_message *out) MUST_CHECK;
bool irq_is_message(unsigned irq);
/* From the switchboard: runs the handler, tells the chip. */
void irq_dispatch(unsigned irq);
/* What it is used for, as the handler was registered; NULL: nothing. */
const char *irq_name(unsigned irq);
