/* Port I/O for drivers (the instructions are arch's). */
#pragma once
#include "arch/cpu.h"
