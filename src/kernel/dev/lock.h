/* Locks for drivers: what an interrupt handler shares is guarded by a spinlock (irqsave). */
#pragma once
#include "arch/spinlock.h"
