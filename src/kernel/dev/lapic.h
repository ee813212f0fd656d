/* The CPU's own interrupt controller, for drivers of the chips that send to it. */
#pragma once
#include "arch/lapic.h"
