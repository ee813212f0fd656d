# Every file of the kernel, by room. Adding a file is one word here.
KSRC   := $(wildcard src/kernel/*/*.c src/kernel/*/*.asm src/drivers/*/*.c src/drivers/*/*.asm src/boot/*.c src/boot/*.asm)
KSRC   := $(sort $(KSRC:src/%=%))
