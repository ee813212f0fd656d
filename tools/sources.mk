# Every file of the kernel, by room. Where several files implement one interface the choice is
# made here: PMM=linear|buddy|both (src/kernel/mm/pmm_pool.h), HEAP_DEBUG=0|1 (slab_priv.h).
PMM ?= buddy
HEAP_DEBUG ?= 0
ifeq ($(filter $(PMM),linear buddy both),)
$(error PMM=$(PMM): choose linear, buddy or both)
endif

KSRC := $(sort $(patsubst src/%,%,$(wildcard src/boot/*.c src/boot/*.asm src/kernel/*/*.c \
	src/kernel/*/*.asm src/drivers/*/*.c src/drivers/*/*.asm)))
KSRC := $(filter-out kernel/mm/pmm_select_%.c kernel/mm/heap_plain.c kernel/mm/heap_debug.c,$(KSRC)) \
	kernel/mm/pmm_select_$(PMM).c kernel/mm/heap_$(if $(filter 1,$(HEAP_DEBUG)),debug,plain).c

# Changes when the choice does, so that what was linked before is not taken for this.
CHOICE := PMM=$(PMM) HEAP_DEBUG=$(HEAP_DEBUG)
$(B)/gen/choice: FORCE
	@mkdir -p $(@D)
	@echo '$(CHOICE)' | cmp -s - $@ || echo '$(CHOICE)' > $@
FORCE:
.PHONY: FORCE
