; Switching kernel stacks. A context that is not running is six registers and a return address on
; its own stack.

global context_switch, context_start, context_leave

section .text exec
bits 64

; void context_switch(vaddr_t *save, vaddr_t load)
align 16
context_switch:
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    mov [rdi], rsp
    mov rsp, rsi
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret

; First thing a new context runs: entry in r12, argument in r13 (context_prepare).
align 16
context_start:
    xor ebp, ebp
    mov rdi, r13
    call r12
    ud2

; void context_leave(vaddr_t stack_top, void (*fn)(void *), void *arg)
context_leave:
    mov rsp, rdi
    xor ebp, ebp
    mov rdi, rdx
    call rsi
    ud2

section .note.GNU-stack noalloc noexec nowrite progbits
