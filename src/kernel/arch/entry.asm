; Every way into the kernel after boot, and every way out: exceptions, interrupts, SYSCALL.
; The frame's layout is struct trap_frame (arch/trap.h); offsets of per-CPU fields are in
; arch/percpu.h. No C code runs between a change of stack or GS and the matching instruction.

%define CPU_USER_RSP 8
%define CPU_USER_FRAME 16
%define CPU_USER_WORK 32
%define CPU_SYSCALL_LIMIT 56
%define FRAME_R15 0
%define FRAME_R14 8
%define FRAME_R13 16
%define FRAME_R12 24
%define FRAME_RBP 32
%define FRAME_RBX 40
%define FRAME_R11 48
%define FRAME_R10 56
%define FRAME_R9 64
%define FRAME_R8 72
%define FRAME_RAX 80
%define FRAME_RCX 88
%define FRAME_RDX 96
%define FRAME_RSI 104
%define FRAME_RDI 112
%define FRAME_VECTOR 120
%define FRAME_ERROR 128
%define FRAME_RIP 136
%define FRAME_RFLAGS 152
%define FRAME_RSP 160
%define TRAP_SYSCALL 0x100
%define MSR_GS_BASE 0xc0000101

extern user_copy_smap, trap_dispatch, upcall_user_return, upcall_syscall_enter, upcall_syscall_leave, syscall_table
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

; The registers of a system call that its entry left out, into the frame at RSP + %1. Uses r11 up.
%macro frame_complete 1
    mov [rsp + %1 + FRAME_RBX], rbx
    mov [rsp + %1 + FRAME_R12], r12
    mov [rsp + %1 + FRAME_R13], r13
    mov [rsp + %1 + FRAME_R14], r14
    mov [rsp + %1 + FRAME_R15], r15
    mov r11, [rsp + %1 + FRAME_RIP]
    mov [rsp + %1 + FRAME_RCX], r11
    mov r11, [rsp + %1 + FRAME_RFLAGS]
    mov [rsp + %1 + FRAME_R11], r11
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
align 16
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

; The frame's place is known, so it is filled in where it lies (CPU_USER_FRAME). What C code keeps
; anyway (rbx, r12-r15) and what SYSCALL itself leaves in RCX and R11 is written only for those who
; look: frame_complete. CS and SS are there since the thread was made, see arch/trap.h.
align 16
syscall_entry:
    swapgs
    mov [gs:CPU_USER_RSP], rsp
    mov rsp, [gs:CPU_USER_FRAME]
    mov [rsp + FRAME_RIP], rcx
    mov rcx, [gs:CPU_USER_RSP]
    mov [rsp + FRAME_RFLAGS], r11
    mov [rsp + FRAME_RSP], rcx
    mov [rsp + FRAME_ERROR], rax
    mov qword [rsp + FRAME_VECTOR], TRAP_SYSCALL
    mov [rsp + FRAME_RDI], rdi
    mov [rsp + FRAME_RSI], rsi
    mov [rsp + FRAME_RDX], rdx
    mov [rsp + FRAME_R10], r10
    mov [rsp + FRAME_R8], r8
    mov [rsp + FRAME_R9], r9
    mov [rsp + FRAME_RBP], rbp
    sti
    xor ebp, ebp                            ; backtraces end here
    mov rcx, r10
    cmp rax, [gs:CPU_SYSCALL_LIMIT]         ; 0 for a traced thread
    jae .slow_call
    call [syscall_table + rax * 8]
.done:
    cli
    cmp dword [gs:CPU_USER_WORK], 0
    jne .work
    ; RCX is canonical: the last page below the hole is never mapped, so no SYSCALL ends there.
    mov rcx, [rsp + FRAME_RIP]
    mov r11, [rsp + FRAME_RFLAGS]
    mov rdi, [rsp + FRAME_RDI]
    mov rsi, [rsp + FRAME_RSI]
    mov rdx, [rsp + FRAME_RDX]
    mov r10, [rsp + FRAME_R10]
    mov r8, [rsp + FRAME_R8]
    mov r9, [rsp + FRAME_R9]
    mov rbp, [rsp + FRAME_RBP]
    mov rsp, [rsp + FRAME_RSP]
    swapgs
    o64 sysret
.work:
    frame_complete 0
    mov [rsp + FRAME_RAX], rax
    jmp return_to_user
; Unknown numbers, and all calls of traced threads: the frame may be changed on the way in and out.
.slow_call:
    frame_complete 0
    mov rdi, rsp
    call upcall_syscall_enter
    test al, al
    jz .slow_done
    mov rdi, [rsp + FRAME_RDI]
    mov rsi, [rsp + FRAME_RSI]
    mov rdx, [rsp + FRAME_RDX]
    mov rcx, [rsp + FRAME_R10]
    mov r8, [rsp + FRAME_R8]
    mov r9, [rsp + FRAME_R9]
    mov rbx, [rsp + FRAME_RBX]
    mov r12, [rsp + FRAME_R12]
    mov r13, [rsp + FRAME_R13]
    mov r14, [rsp + FRAME_R14]
    mov r15, [rsp + FRAME_R15]
    mov rax, [rsp + FRAME_ERROR]
    call [syscall_table + rax * 8]
    mov [rsp + FRAME_RAX], rax
.slow_done:
    mov rdi, rsp
    call upcall_syscall_leave
    cli
    jmp return_to_user

; Calls that copy the caller's registers: the table names the first, C code defines the second.
%macro whole_frame_call 2
global %1
extern %2
%1:
    frame_complete 8                        ; above the return address into syscall_entry
    jmp %2
%endmacro
    whole_frame_call sys_fork, syscall_fork
    whole_frame_call sys_vfork, syscall_vfork
    whole_frame_call sys_clone, syscall_clone
    whole_frame_call sys_clone3, syscall_clone3

; void trap_enter_user(const struct trap_frame *f)
trap_enter_user:
    cli
    mov rsp, rdi
    jmp return_to_user

section .note.GNU-stack noalloc noexec nowrite progbits
