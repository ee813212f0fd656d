# Every file of the kernel, by room.
KSRC := $(sort $(patsubst src/%,%,$(wildcard src/boot/*.c src/boot/*.asm src/kernel/*/*.c \
	src/kernel/*/*.asm src/drivers/*/*.c src/drivers/*/*.asm)))
