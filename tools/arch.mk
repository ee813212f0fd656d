# Which processor. Only x86-64 is there; for the others this says what is missing.
ARCH := x86_64

define NEEDS_arm64

  src/kernel/arch and src/boot for AArch64 (exception vectors, page tables, context switch, user copy;
  GRUB starts kernels through EFI there, not by Multiboot2), drivers for the PL011 serial port, the GIC
  and the generic timer, system-call numbers of arm64 in src/kernel/linux, and to build and try it the
  packages gcc-aarch64-linux-gnu, qemu-system-arm and qemu-efi-aarch64
endef

define NEEDS_riscv64

  src/kernel/arch and src/boot for RV64 (S-mode traps, Sv39/Sv48 page tables, context switch, user copy;
  entry from OpenSBI with a device tree), drivers for the NS16550 serial port, the PLIC and the SBI
  timer, system-call numbers of riscv64 in src/kernel/linux, and to build and try it the packages
  gcc-riscv64-linux-gnu, qemu-system-misc and opensbi
endef

ifneq ($(ARCH),x86_64)
ifneq ($(NEEDS_$(ARCH)),)
$(error Rustica is not built for $(ARCH) yet, only for x86_64. It would need: $(NEEDS_$(ARCH)))
endif
$(error There is no ARCH=$(ARCH). Rustica is built for x86_64; arm64 and riscv64 are planned)
endif
