; Touching user memory. A page fault in here that cannot be resolved continues at the fix-up
; belonging to the instruction (user_copy_fixups). Where SMAP is on, EFLAGS.AC is set only inside.

global user_copy_raw, user_clear_raw, user_strncpy_raw, user_cmpxchg32_raw, user_store_tails_raw
global user_copy_fixups
global user_copy_smap

section .data
user_copy_smap: db 0                        ; set once at boot

section .text exec
bits 64

%macro user_begin 0
    cmp byte [user_copy_smap], 0
    je %%off
    stac
%%off:
%endmacro
%macro user_end 0
    cmp byte [user_copy_smap], 0
    je %%off
    clac
%%off:
%endmacro

; size_t user_copy_raw(void *dst, const void *src, size_t n)
align 16
user_copy_raw:
    mov rcx, rdx
    user_begin
    shr rcx, 3
    and edx, 7
copy_words:
    rep movsq
    mov ecx, edx
copy_bytes:
    rep movsb
copy_done:
    mov rax, rcx
    user_end
    ret
copy_words_fault:                           ; go on byte by byte up to the very byte
    lea rcx, [rdx + rcx * 8]
    jmp copy_bytes

; size_t user_clear_raw(void *dst, size_t n)
align 16
user_clear_raw:
    mov rcx, rsi
    mov rdx, rsi
    user_begin
    xor eax, eax
    shr rcx, 3
    and edx, 7
clear_words:
    rep stosq
    mov ecx, edx
clear_bytes:
    rep stosb
clear_done:
    mov rax, rcx
    user_end
    ret
clear_words_fault:
    lea rcx, [rdx + rcx * 8]
    jmp clear_bytes

; long user_strncpy_raw(char *dst, const char *src, size_t max)
; Words as long as there is room for one. (w - 01..01) & ~w & 80..80 has its lowest bit in the first
; byte of w that is 0; behind it dst gets what lies behind the string. Where a word cannot be read
; its bytes are tried one by one.
align 16
user_strncpy_raw:
    user_begin
    xor ecx, ecx
    mov r10, 0x0101010101010101
    mov r11, 0x8080808080808080
strncpy_words:
    lea r8, [rcx + 8]
    cmp r8, rdx
    ja strncpy_next
strncpy_load_word:
    mov rax, [rsi + rcx]
    mov [rdi + rcx], rax
    mov r9, rax
    sub rax, r10
    not r9
    and rax, r9
    and rax, r11
    jnz strncpy_found
    mov rcx, r8
    jmp strncpy_words
strncpy_found:
    bsf rax, rax
    shr eax, 3
    add rcx, rax
    jmp strncpy_done
strncpy_next:
    cmp rcx, rdx
    je strncpy_done
strncpy_load:
    mov al, [rsi + rcx]
    mov [rdi + rcx], al
    test al, al
    je strncpy_done
    inc rcx
    jmp strncpy_next
strncpy_done:
    mov rax, rcx
    user_end
    ret
strncpy_fault:
    user_end
    mov rax, -14                            ; -EFAULT
    ret

; int user_cmpxchg32_raw(u32 *addr, u32 expect, u32 value, u32 *old)
align 16
user_cmpxchg32_raw:
    user_begin
    mov eax, esi
cmpxchg_do:
    lock cmpxchg [rdi], edx
    mov [rcx], eax
    user_end
    xor eax, eax
    ret
cmpxchg_fault:
    user_end
    mov eax, -14
    ret

; size_t user_store_tails_raw(void *dst, const void *src, size_t n)
align 16
user_store_tails_raw:
    user_begin
    lea rdi, [rdi + rdx * 8]
    lea rsi, [rsi + rdx * 8]
    neg rdx
    jz tails_done
tails_next:
    movzx eax, word [rsi + rdx * 8 + 6]
tails_store:
    mov [rdi + rdx * 8 + 6], ax
    inc rdx
    jnz tails_next
tails_done:
    user_end
    mov rax, rdx
    neg rax
    ret

section .rodata
align 8
user_copy_fixups:                           ; instruction, where to continue; ends with 0
    dq copy_words, copy_words_fault
    dq copy_bytes, copy_done
    dq clear_words, clear_words_fault
    dq clear_bytes, clear_done
    dq strncpy_load_word, strncpy_next
    dq strncpy_load, strncpy_fault
    dq cmpxchg_do, cmpxchg_fault
    dq tails_store, tails_done
    dq 0

section .note.GNU-stack noalloc noexec nowrite progbits
