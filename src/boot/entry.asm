; From the loader's 32-bit protected mode to C in the higher half.
;
; Owns the first page tables: 4 GiB of physical memory seen three times, at 0 (only so that this
; code survives turning paging on), at DIRECT_MAP_BASE, and its first GiB at KERNEL_IMAGE_BASE. The
; kernel replaces them (arch/paging.c) and the low view goes away with them.
;
; Nothing of the loader's state is trusted but EAX, EBX and being in 32-bit protected mode: stack,
; control registers and descriptor tables are set here. (Under UEFI the loader's GDT lies in low
; memory; Bochs enters with caches off.)

%define MULTIBOOT2_MAGIC 0x36d76289

global _start, boot_pml4
extern boot_main

section .boot.bss nobits alloc write align=4096
boot_pml4:      resb 4096
boot_pdpt_low:  resb 4096
boot_pdpt_high: resb 4096
boot_pd:        resb 4 * 4096
boot_stack_low: resb 1024
boot_stack_low_top:

section .bss.boot_only nobits alloc write align=4096
global boot_stack, boot_stack_top
boot_stack:     resb 16384                  ; until the boot CPU jumps to its guarded stack
boot_stack_top:

section .boot.text exec align=16
bits 32
_start:
    cli
    cld
    mov esp, boot_stack_low_top
    mov ebp, eax
    mov edi, ebx

    cmp ebp, MULTIBOOT2_MAGIC
    mov esi, message_loader
    jne die

    ; CPUID exists if EFLAGS.ID (bit 21) can be flipped (SDM vol. 1, 20.1.2).
    pushfd
    pop eax
    mov ecx, eax
    xor eax, 1 << 21
    push eax
    popfd
    pushfd
    pop eax
    cmp eax, ecx
    mov esi, message_cpu
    je die

    mov eax, 0x80000000
    cpuid
    cmp eax, 0x80000001
    mov esi, message_cpu
    jb die
    mov eax, 0x80000001
    cpuid
    mov esi, message_cpu
    test edx, 1 << 29                       ; long mode
    jz die
    mov ebx, edx

    ; Page tables. Flags: present | writable; large pages in the directory.
    mov dword [boot_pml4], boot_pdpt_low + 3
    mov dword [boot_pml4 + 256 * 8], boot_pdpt_low + 3
    mov dword [boot_pml4 + 511 * 8], boot_pdpt_high + 3
    mov dword [boot_pdpt_high + 510 * 8], boot_pd + 3
    mov eax, boot_pd + 3
    mov ecx, 0
.pdpt:
    mov [boot_pdpt_low + ecx * 8], eax
    add eax, 4096
    inc ecx
    cmp ecx, 4
    jb .pdpt
    mov eax, 0x83
    mov ecx, 0
.pd:
    mov [boot_pd + ecx * 8], eax
    add eax, 0x200000
    inc ecx
    cmp ecx, 2048
    jb .pd

    mov eax, 1 << 5                         ; CR4: PAE and nothing else
    mov cr4, eax
    mov eax, boot_pml4
    mov cr3, eax

    mov ecx, 0xc0000080                     ; EFER
    xor edx, edx
    mov eax, 1 << 8                         ; LME
    test ebx, 1 << 20                       ; NX supported (CPUID 80000001h EDX)
    jz .no_nx
    or eax, 1 << 11                         ; NXE
.no_nx:
    wrmsr

    mov eax, 0x80010033                     ; CR0: PG WP NE ET MP PE; caches on
    mov cr0, eax
    lgdt [boot_gdt_pointer]
    jmp 0x08:entry64

; Says ESI on every output that can exist here and stops.
die:
    mov edx, 0x3f8 + 1                      ; COM1: no interrupts, 115200 8N1
    xor eax, eax
    out dx, al
    mov edx, 0x3f8 + 3
    mov al, 0x80
    out dx, al
    mov edx, 0x3f8
    mov al, 1
    out dx, al
    inc edx
    xor eax, eax
    out dx, al
    mov edx, 0x3f8 + 3
    mov al, 3
    out dx, al
    mov edi, 0xb8000
.next:
    lodsb
    test al, al
    jz .halt
    out 0xe9, al
    mov ah, 0x4f                            ; white on red
    cmp al, ' '
    jb .not_vga
    mov [edi], ax
    add edi, 2
.not_vga:
    mov bl, al
    mov ecx, 100000                         ; an absent or stuck port must not hang us
.wait:
    mov edx, 0x3f8 + 5
    in al, dx
    test al, 0x20
    jnz .send
    loop .wait
.send:
    mov al, bl
    mov edx, 0x3f8
    out dx, al
    jmp .next
.halt:
    hlt
    jmp .halt

message_loader:
    db "Rustica: not started by a Multiboot2 boot loader. Start it from GRUB with 'multiboot2'.", 13, 10, 0
message_cpu:
    db "Rustica: this CPU has no 64-bit mode (long mode). Rustica needs an x86-64 CPU.", 13, 10, 0

align 8
boot_gdt:
    dq 0
    dq 0x00af9a000000ffff                   ; 64-bit code
    dq 0x00cf92000000ffff                   ; data
boot_gdt_pointer:
    dw boot_gdt_pointer - boot_gdt - 1
    dd boot_gdt

bits 64
entry64:
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    xor eax, eax
    mov fs, ax
    mov gs, ax
    mov rax, entry_high
    jmp rax

section .text exec
entry_high:
    mov rsp, boot_stack_top
    xor ebp, ebp                            ; end of the chain for backtraces
    mov edi, edi                            ; upper half is undefined after 32-bit code
    call boot_main
    ud2

section .note.GNU-stack noalloc noexec nowrite progbits
