; Whole pages. What is fast differs (measured per page on QEMU's TCG: SSE stores 0.42 us, REP STOSQ
; 0.80 us, copying by REP MOVSQ 1.04 us and by SSE 2.3 us): page_ops.c chooses.

global page_zero_sse, page_zero_string, page_copy_words

CR0_TS equ 8
LINE equ 512                                ; bytes a round: PAGE_ROUND of page_ops.h

section .text exec
bits 64

%macro zero_lines 0
    xorps xmm0, xmm0
    sub rdi, -128                           ; half of the offsets fit one byte
%%next:
%assign at -128
%rep LINE / 16
    movaps [rdi + at], xmm0
%assign at at + 16
%endrep
    add rdi, LINE
    dec esi
    jnz %%next
%endmacro

; void page_zero_sse(void *from, u32 rounds): at least one; preemption is off. XMM0 may hold a program's value: when CR0.TS is
; set none is loaded (fpu.c) and the registers are free, else it is kept on the stack.
align 16
page_zero_sse:
    mov rax, cr0
    test al, CR0_TS
    jz .loaded
    clts
    zero_lines
    mov cr0, rax
    ret
.loaded:
    sub rsp, 24
    movups [rsp], xmm0
    zero_lines
    movups xmm0, [rsp]
    add rsp, 24
    ret

; void page_zero_string(void *from, u32 rounds)
align 16
page_zero_string:
    xor eax, eax
    mov ecx, esi
    shl ecx, 6                              ; LINE / 8 words a round
    rep stosq
    ret

; void page_copy_words(void *dst, const void *src)
align 16
page_copy_words:
    mov ecx, 4096 / 8
    rep movsq
    ret

section .note.GNU-stack noalloc noexec nowrite progbits
