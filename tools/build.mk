# The build. Host tools only: gcc, nasm, ld; musl-gcc for user programs.
include tools/arch.mk
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
	-Wvla -Wno-unused-parameter -Isrc/kernel -I$(B)/gen '-ffile-prefix-map=$(CURDIR)/=' -MMD -MP
KAFLAGS := -f elf64 -w+error

# The parts, room by room, in the order of docs/rooms.txt.
include tools/sources.mk
KCFLAGS += -DLOCK_DEBUG=$(LOCK_DEBUG)
# Not looked for: x86 reads at any address, and tables of firmware lie at any; per-CPU data begins at address 0 of GS,
# and whoever else goes there faults. The checks' spilled registers make frames larger.
ifeq ($(UBSAN),1)
KCFLAGS += -fsanitize=undefined -fno-sanitize=alignment,null -fno-sanitize-recover=all -Wframe-larger-than=2048
endif

KOBJ := $(addprefix $(B)/obj/,$(addsuffix .o,$(KSRC)))
GEN_SYSCALLS := $(addprefix $(B)/gen/syscall_,table.inc protos.inc names.inc)
GEN := $(GEN_SYSCALLS)
GEN += $(B)/gen/font.inc
FONTS := $(addprefix /usr/share/consolefonts/,$(addsuffix .psf.gz,Uni2-Terminus16 Uni3-Terminus16 FullGreek-Terminus16 \
	FullCyrSlav-Terminus16 FullCyrAsia-Terminus16 Lat2-Terminus16 Lat38-Terminus16 Lat7-Terminus16 Lat15-Terminus16 \
	Uni2-Fixed16 Uni3-Fixed16 Uni1-VGA16 Uni2-VGA16))

$(B)/obj/%.c.o: src/%.c $(B)/gen/checks | $(GEN)
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(CC) $(KCFLAGS) -c $< -o $@

$(B)/obj/%.asm.o: src/%.asm
	@mkdir -p $(@D)
	@echo "  NASM $<"
	@$(NASM) $(KAFLAGS) -MD $@.d $< -o $@

-include $(KOBJ:.o=.d)

$(GEN_SYSCALLS): $(B)/gen/syscall_%.inc: src/kernel/linux/syscalls.tbl tools/gen-syscalls
	@mkdir -p $(@D)
	@tools/gen-syscalls $* $< > $@

# The page with the clock that programs see: a shared object of its own, put into the kernel whole.
VDSO := src/kernel/linux/vdso
$(B)/gen/vdso.so: $(VDSO)/vdso.c $(VDSO)/vdso.h $(VDSO)/call.asm $(VDSO)/vdso.lds
	@mkdir -p $(@D)
	@echo "  VDSO $@"
	@$(NASM) $(KAFLAGS) $(VDSO)/call.asm -o $(B)/gen/vdso_call.o
	@$(CC) -std=gnu17 -O2 -ffreestanding -fPIC -fvisibility=hidden -mgeneral-regs-only -fno-stack-protector \
		-fno-asynchronous-unwind-tables -fcf-protection=none -Wall -Wextra -Werror -nostdlib -shared -s \
		-Wl,-T,$(VDSO)/vdso.lds -Wl,--hash-style=both -Wl,-soname=linux-vdso.so.1 -Wl,--build-id=none \
		-Wl,-z,noexecstack -Wl,-z,max-page-size=4096 $(VDSO)/vdso.c $(B)/gen/vdso_call.o -o $@
$(B)/obj/kernel/linux/vdso_image.asm.o: $(B)/gen/vdso.so

$(B)/gen/font.inc: tools/mkfont tools/build.mk
	@mkdir -p $(@D)
	@tools/mkfont $(FONTS) > $@

# `make room-vm` compiles one room, for work on it alone.
room-%:
	@$(MAKE) --no-print-directory $(patsubst %,$(B)/obj/%.o,$(filter kernel/$*/% $*/%,$(KSRC)))

# --- the kernel -----------------------------------------------------------------------------
# Linked twice: the second time with the table of its own function names, which lies behind the
# code so that no address changes.
ELF := $(B)/rustica.elf
ELF_DEBUG := $(B)/rustica.debug.elf
LD_SCRIPT := src/boot/linker.ld
LDFLAGS := -nostdlib -static -z max-page-size=4096 -z noexecstack --build-id=none --gc-sections \
	--no-warn-rwx-segments -T $(LD_SCRIPT)

$(B)/obj/first.elf: $(KOBJ) $(LD_SCRIPT) $(B)/gen/choice
	@ld $(LDFLAGS) $(KOBJ) -o $@

$(B)/gen/symbols.c: $(B)/obj/first.elf tools/symtab
	@nm -n $< | tools/symtab > $@

$(B)/obj/symbols.o: $(B)/gen/symbols.c
	@$(CC) $(KCFLAGS) -c $< -o $@

$(ELF_DEBUG): $(KOBJ) $(B)/obj/symbols.o $(LD_SCRIPT)
	@echo "  LD   $@"
	@ld $(LDFLAGS) $(KOBJ) $(B)/obj/symbols.o -o $@

# GRUB would load symbols and debug information into memory too: the booted file has none.
$(ELF): $(ELF_DEBUG)
	@strip --strip-all -o $@ $<
	@grub-file --is-x86-multiboot2 $@ || { echo "$@ is no Multiboot2 kernel"; rm -f $@; exit 1; }

# --- checks that are part of every build ------------------------------------------------------
$(B)/rooms.ok: docs/rooms.txt tools/check-rooms $(addprefix src/,$(KSRC)) $(wildcard src/kernel/*/*.h src/kernel/*/*/*.h src/boot/*.h)
	@mkdir -p $(B)
	@tools/check-rooms docs/rooms.txt src && touch $@

$(B)/early.ok: $(KOBJ) tools/check-early
	@tools/check-early $(B)/obj && touch $@

# What the documents name must exist; a document may be wrong because a source changed.
$(B)/docs.ok: tools/check-docs README.md $(shell find docs -name '*.md') $(addprefix src/,$(KSRC)) $(wildcard src/kernel/*/*.h)
	@tools/check-docs && touch $@

SYSCALLS_DOC := tools/gen-syscalls doc src/kernel/linux/syscalls.tbl
$(B)/syscalls.ok: docs/syscalls.md src/kernel/linux/syscalls.tbl tools/gen-syscalls
	@$(SYSCALLS_DOC) | cmp -s - docs/syscalls.md || { echo "docs/syscalls.md is old: make docs"; exit 1; }
	@touch $@

docs:
	@$(SYSCALLS_DOC) > docs/syscalls.md

# --- user programs and the initrd -------------------------------------------------------------
include src/user/user.mk

ROOTFS := $(B)/rootfs
INITRD := $(B)/initrd.tar
BUSYBOX := /bin/busybox

# A fresh tree each time, so that what was removed from the source is gone from the image too.
$(INITRD): $(USER_PROGRAMS) $(shell find src/user/rootfs -type f) $(BUSYBOX) tools/mkinitrd tools/tar-align
	@echo "  TAR  $@"
	@tools/mkinitrd $@ $(B)/user src/user/rootfs $(BUSYBOX)

# --- the ISO ------------------------------------------------------------------------------------
ISO := $(B)/rustica.iso
$(ISO): $(ELF) $(INITRD) grub/grub.cfg grub/theme.txt tools/mkiso tools/mktheme $(shell find iso -type f)
	@echo "  ISO  $@"
	@tools/mkiso $@ $(ELF) $(INITRD)

.PHONY: all build setup iso run run-uefi debug test unit bench docs help clean
all: setup
	@$(MAKE) --no-print-directory build
build: $(addprefix $(B)/,rooms.ok early.ok docs.ok syscalls.ok) $(ISO)
	@:

# Installs what is missing, on Debian; costs nothing when all is there.
setup:
	@tools/setup

# An ISO with more in it: PACKAGES, ADD, INIT and ARGS (tools/mkimage).
export PACKAGES ADD INIT ARGS
IMAGE := $(B)/image.iso
iso: all
	@tools/mkimage $(IMAGE) $(ELF) $(B)/user src/user/rootfs $(BUSYBOX)

run run-uefi: $(if $(PACKAGES)$(ADD)$(INIT),iso,all)
	@tools/qemu $(if $(@:run=),uefi,bios) $(if $(PACKAGES)$(ADD)$(INIT),$(IMAGE),$(ISO))
debug: all
	@tools/qemu bios $(ISO) gdb

unit:
	@tests/unit/run
test: all
	@tests/run

# The same program on Rustica and on the distribution's Linux; BENCH_ARGS="--no-linux fork_exit".
BENCH := $(B)/bench/bench
BENCH_SRC := $(filter-out %_plugin.c,$(wildcard tests/bench/*.c))
$(BENCH): $(BENCH_SRC) tests/bench/bench.h
	@mkdir -p $(@D)
	@echo "  USER $@"
	@$(MUSL_CC) -static -O2 -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -s $(BENCH_SRC) -o $@
bench: all $(BENCH)
	@tests/bench/run $(BENCH_ARGS)

clean:
	rm -rf $(B)

help:
	@cat tools/help.txt
