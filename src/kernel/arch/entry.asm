; Every way into the kernel after boot, and every way out: exceptions, interrupts, SYSCALL.
; The frame's layout is struct trap_frame (arch/trap.h); offsets of per-CPU fields are in
; arch/percpu.h. No C code runs between a change of stack or GS and the matching instruction.

%define CPU_USER_RSP 8
%define CPU_KERNEL_RSP 16
%define CPU_USER_WORK 32
%define FRAME_RAX 80
%define FRAME_VECTOR 120
%define FRAME_CS 144
%define SEL_UDATA 0x23
%define SEL_UCODE 0x2b
%define TRAP_SYSCALL 0x100
%define MSR_GS_BASE 0xc0000101

extern user_copy_smap, trap_dispatch, upcall_user_return, upcall_syscall_unknown, syscall_table, syscall_table_count
global trap_stubs, syscall_entry, trap_enter_user

section .text exec
bits 64

%macro push_registers 0
    push rdi
    push rsi
    push rdx
    push rcx
    push rax
    push r8
    push r9
    push r10
    push r11
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
%endmacro

; Exceptions and interrupts keep EFLAGS.AC, which a program may set and user_copy.asm does set: no
; handler may run with SMAP off. IRETQ brings it back.
%macro smap_on 0
    cmp byte [user_copy_smap], 0
    je %%off
    clac
%%off:
%endmacro

%macro pop_registers 0
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    pop r11
    pop r10
    pop r9
    pop r8
    pop rax
    pop rcx
    pop rdx
    pop rsi
    pop rdi
%endmacro

; Stubs, 16 bytes each. Exceptions 8, 10-14, 17, 21, 29, 30 push an error code themselves
; (SDM vol. 3, table 6-1).
align 16
trap_stubs:
%assign v 0
%rep 256
    align 16
    %if v = 8 || (v >= 10 && v <= 14) || v = 17 || v = 21 || v = 29 || v = 30
    %else
        push 0
    %endif
    push v
    %if v = 2 || v = 8 || v = 18
        jmp paranoid_entry
    %else
        jmp trap_entry
    %endif
    %assign v v + 1
%endrep

align 16
trap_entry:
    cld
    smap_on
    test byte [rsp + 24], 3                 ; CS: from ring 3?
    jz .kernel
    swapgs
    push_registers
    mov rdi, rsp
    mov ebp, 0                              ; backtraces end here
    call trap_dispatch
    jmp return_to_user
.kernel:
    push_registers
    mov rdi, rsp
    call trap_dispatch
    pop_registers
    add rsp, 16
    iretq

; NMI, #DF and #MC may strike between a border and its SWAPGS: look at the register itself. The
; kernel's GS base is a kernel address, a program's never is. Only an NMI comes back: to exactly
; where it struck, so nothing else (work, another thread) may happen on the way.
paranoid_entry:
    cld
    smap_on
    push_registers
    xor ebx, ebx                            ; 1: GS was the program's
    mov ecx, MSR_GS_BASE
    rdmsr
    test edx, edx
    js .have_gs
    swapgs
    inc ebx
.have_gs:
    mov rdi, rsp
    call trap_dispatch
    test ebx, ebx
    jz .leave
    swapgs
.leave:
    pop_registers
    add rsp, 16
    iretq

; Interrupts are off. The frame at RSP goes to ring 3.
return_to_user:
    cmp dword [gs:CPU_USER_WORK], 0
    jne .work
    swapgs
    pop_registers
    add rsp, 16
    iretq
.work:
    sti
    mov rdi, rsp
    call upcall_user_return
    cli
    jmp return_to_user

align 16
syscall_entry:
    swapgs
    mov [gs:CPU_USER_RSP], rsp
    mov rsp, [gs:CPU_KERNEL_RSP]
    push SEL_UDATA
    push qword [gs:CPU_USER_RSP]
    push r11
    push SEL_UCODE
    push rcx
    push rax
    push TRAP_SYSCALL
    push_registers
    sti
    xor ebp, ebp                            ; backtraces end here
    mov rcx, r10
    cmp rax, [syscall_table_count]
    jae .unknown
    call [syscall_table + rax * 8]
.done:
    cli
    cmp dword [gs:CPU_USER_WORK], 0
    mov [rsp + FRAME_RAX], rax
    jne .slow
    cmp qword [rsp + FRAME_VECTOR], TRAP_SYSCALL
    jne .slow
    ; RCX is canonical: the last page below the hole is never mapped, so no SYSCALL ends there.
    mov rbp, [rsp + 32]
    add rsp, 56                             ; callee-saved registers are as they were; r11 is lost
    pop r10
    pop r9
    pop r8
    pop rax
    add rsp, 8
    pop rdx
    pop rsi
    pop rdi
    mov rcx, [rsp + 16]
    mov r11, [rsp + 32]
    mov rsp, [rsp + 40]
    swapgs
    o64 sysret
.slow:
    jmp return_to_user
.unknown:
    mov rdi, rax
    call upcall_syscall_unknown
    jmp .done

; void trap_enter_user(const struct trap_frame *f)
trap_enter_user:
    cli
    mov rsp, rdi
    jmp return_to_user

section .note.GNU-stack noalloc noexec nowrite progbits
