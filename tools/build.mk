# The build. Host tools only: gcc, nasm, ld; musl-gcc for user programs.
B := build
CC := gcc
NASM := nasm
MUSL_CC := musl-gcc
PYTHON := /usr/bin/python3

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

KCFLAGS := -std=gnu17 -O2 -g -ffreestanding -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone \
	-mgeneral-regs-only -fno-stack-protector -fno-omit-frame-pointer -fno-strict-aliasing \
	-fno-common -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections \
	-Wall -Wextra -Werror -Wframe-larger-than=1024 -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wno-unused-parameter -Isrc/kernel -I$(B)/gen -ffile-prefix-map=$(CURDIR)/= -MMD -MP
KAFLAGS := -f elf64 -w+error

# The parts, room by room, in the order of docs/rooms.txt.
include tools/sources.mk

KOBJ := $(addprefix $(B)/obj/,$(addsuffix .o,$(KSRC)))
GEN := $(B)/gen/syscall_table.inc

$(B)/obj/%.c.o: src/%.c | $(GEN)
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(CC) $(KCFLAGS) -c $< -o $@

$(B)/obj/%.asm.o: src/%.asm
	@mkdir -p $(@D)
	@echo "  NASM $<"
	@$(NASM) $(KAFLAGS) -MD $@.d $< -o $@

-include $(KOBJ:.o=.d)

$(B)/gen/syscall_table.inc: src/kernel/linux/syscalls.tbl tools/gen-syscalls
	@mkdir -p $(@D)
	@tools/gen-syscalls table $< > $@

# `make room-vm` compiles one room, for work on it alone.
room-%:
	@$(MAKE) --no-print-directory $(patsubst %,$(B)/obj/%.o,$(filter kernel/$*/% $*/%,$(KSRC)))
