; The page built from linux/vdso.
global vdso_image

section .rodata
align 16
vdso_image: incbin "build/gen/vdso.so", 0, 4096 ; what follows are section headers
    times 4096 - ($ - vdso_image) db 0

section .note.GNU-stack noalloc noexec nowrite progbits
