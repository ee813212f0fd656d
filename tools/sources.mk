# Every file of the kernel, by room. Where several files implement one interface the choice is
# made here: PMM=linear|buddy|both (src/kernel/mm/pmm_pool.h), HEAP_DEBUG=0|1 (slab_priv.h),
# LOCK_DEBUG=0|1 (src/kernel/arch/lock_check.h), UBSAN=0|1 (src/kernel/lib/ubsan.c).
PMM ?= buddy
HEAP_DEBUG ?= 0
LOCK_DEBUG ?= 0
UBSAN ?= 0
ifeq ($(filter $(PMM),linear buddy both),)
$(error PMM=$(PMM): choose linear, buddy or both)
endif

KSRC := $(sort $(patsubst src/%,%,$(wildcard src/boot/*.c src/boot/*.asm src/kernel/*/*.c \
	src/kernel/*/*.asm src/drivers/*/*.c src/drivers/*/*.asm)))
KSRC := $(filter-out kernel/mm/pmm_select_%.c kernel/mm/heap_plain.c kernel/mm/heap_debug.c,$(KSRC)) \
	kernel/mm/pmm_select_$(PMM).c kernel/mm/heap_$(if $(filter 1,$(HEAP_DEBUG)),debug,plain).c

LOCK_DEBUG_SRC := $(addprefix kernel/,arch/lock_check.c arch/lock_report.c arch/lock_time.c init/selftest_lock.c \
	lib/lock_graph.c linux/procfs_lock.c)
ifneq ($(LOCK_DEBUG),1)
KSRC := $(filter-out $(LOCK_DEBUG_SRC),$(KSRC))
endif

ifneq ($(UBSAN),1)
KSRC := $(filter-out kernel/lib/ubsan.c kernel/init/selftest_ubsan.c,$(KSRC))
endif

# Changes when the choice does, so that what was linked before is not taken for this.
CHOICE := PMM=$(PMM) HEAP_DEBUG=$(HEAP_DEBUG) LOCK_DEBUG=$(LOCK_DEBUG) UBSAN=$(UBSAN)
$(B)/gen/choice: FORCE
	@mkdir -p $(@D)
	@echo '$(CHOICE)' | cmp -s - $@ || echo '$(CHOICE)' > $@
# These change what every object is.
$(B)/gen/checks: FORCE
	@mkdir -p $(@D)
	@echo '$(LOCK_DEBUG) $(UBSAN)' | cmp -s - $@ || echo '$(LOCK_DEBUG) $(UBSAN)' > $@
FORCE:
.PHONY: FORCE
