/* The heap, for drivers whose device may not be there. */
#pragma once
#include "mm/slab.h"
