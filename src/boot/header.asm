; What a boot loader looks for in the first 32 KiB: the Multiboot2 header (Multiboot2 spec. 3.1), and
; beside it a PVH note, so that a loader without Multiboot2 (qemu -kernel) reaches entry.asm, which
; then says in words what is wrong instead of failing in silence.

extern _start

section .boot.header align=8
header:
    dd 0xe85250d6                           ; magic
    dd 0                                    ; architecture: i386 protected mode
    dd header_end - header
    dd -(0xe85250d6 + 0 + (header_end - header))

    ; Framebuffer wish (spec. 3.1.10), optional: flag 1. The menu decides between text and pixels
    ; with gfxpayload; without this tag BIOS GRUB would ignore gfxpayload.
    dw 5, 1
    dd 20
    dd 1024, 768, 32
    dd 0                                    ; pad to 8

    dw 0, 0                                 ; end tag
    dd 8
header_end:

section .note.pvh note alloc noexec nowrite align=4
    dd 4, 4, 18                             ; name size, descriptor size, XEN_ELFNOTE_PHYS32_ENTRY
    db "Xen", 0
    dd _start
