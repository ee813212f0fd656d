; The clocks that only the kernel knows: CPU time of threads and processes, and errors.
global vdso_clock_gettime_call:function hidden

%define SYS_CLOCK_GETTIME 228

section .text exec
bits 64

; long vdso_clock_gettime_call(int id, struct timespec *ts)
vdso_clock_gettime_call:
    mov eax, SYS_CLOCK_GETTIME
    syscall
    ret

section .note.GNU-stack noalloc noexec nowrite progbits
