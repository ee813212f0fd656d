; What the compiler cannot say. The clocks that only the kernel knows: CPU time of threads and
; processes, and errors. And the CPU's number, which each CPU has as the limit of a segment.
global vdso_clock_gettime_call:function hidden
global vdso_cpu:function hidden

%define SYS_CLOCK_GETTIME 228
%define SEL_CPU 0x7b ; arch/trap.h

section .text exec
bits 64

; long vdso_clock_gettime_call(int id, struct timespec *ts)
vdso_clock_gettime_call:
    mov eax, SYS_CLOCK_GETTIME
    syscall
    ret

; unsigned vdso_cpu(void)
vdso_cpu:
    mov eax, SEL_CPU
    lsl eax, eax
    ret

section .note.GNU-stack noalloc noexec nowrite progbits
