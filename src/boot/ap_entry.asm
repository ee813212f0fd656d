; Another CPU's way from real mode to the kernel's first 64-bit instruction (ap_start in arch).
;
; A CPU starts at the beginning of a page below 1 MiB (SDM vol. 3, 9.4.4): the few bytes between
; ap_real_mode and ap_real_mode_end are copied there, run wherever they are, and leave at once for
; the code behind them, which lies where it was linked. It runs on the boot CPU's first page tables,
; which show physical memory at its own addresses, and leaves them in arch.

extern boot_pml4, ap_start
global ap_real_mode, ap_real_mode_end

section .boot.text exec align=16
bits 16
ap_real_mode:
    cli
    cld
    o32 lgdt [cs:ap_gdt_pointer - ap_real_mode]
    mov eax, 0x11                           ; CR0: PE, ET
    mov cr0, eax
    jmp dword 0x08:ap_protected_mode
align 4
ap_gdt_pointer:
    dw ap_gdt_end - ap_gdt - 1
    dd ap_gdt
ap_real_mode_end:

align 8
ap_gdt:
    dq 0
    dq 0x00cf9a000000ffff                   ; 32-bit code
    dq 0x00cf92000000ffff                   ; data
    dq 0x00af9a000000ffff                   ; 64-bit code
ap_gdt_end:

bits 32
ap_protected_mode:
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    xor eax, eax
    mov fs, ax
    mov gs, ax
    mov eax, 0x80000001
    cpuid                                   ; EDX bit 20: NX
    mov eax, 1 << 5                         ; CR4: PAE and nothing else
    mov cr4, eax
    mov eax, boot_pml4
    mov cr3, eax
    mov ecx, 0xc0000080                     ; EFER
    mov eax, 1 << 8                         ; LME
    test edx, 1 << 20
    jz .no_nx
    or eax, 1 << 11                         ; NXE
.no_nx:
    xor edx, edx
    wrmsr
    mov eax, 0x80010033                     ; CR0: PG WP NE ET MP PE; caches on
    mov cr0, eax
    jmp 0x18:ap_long_mode

bits 64
ap_long_mode:
    mov rax, ap_start
    jmp rax

section .note.GNU-stack noalloc noexec nowrite progbits
