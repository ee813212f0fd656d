; First instructions of another CPU in the kernel: from boot's page tables to the kernel's, onto its
; own stack. One ticket is given out for each start, so that of two CPUs that answer to one call
; only the first goes on.

extern ap_ticket, ap_root, ap_stack_top, ap_main
global ap_start

section .text exec
bits 64
ap_start:
    mov eax, 1
    xor ecx, ecx
    lock cmpxchg [ap_ticket], ecx
    jne .stop
    mov rax, [ap_root]
    mov cr3, rax
    mov rsp, [ap_stack_top]
    xor ebp, ebp                            ; end of the chain for backtraces
    call ap_main
.stop:
    cli
    hlt
    jmp .stop

section .note.GNU-stack noalloc noexec nowrite progbits
