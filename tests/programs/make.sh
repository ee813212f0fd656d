#!/bin/bash
# Packages: bash make coreutils sed grep
# make with parallel jobs, patterns, recursion and errors.
cat >Makefile <<'M'
N := 1 2 3 4 5 6 7 8
all: $(N:%=o/%.o) sub
	@echo all
o/%.o: %.c | o
	@cp $< $@; sleep 0.0$*
o:
	mkdir o
sub:
	@$(MAKE) --no-print-directory -C s v=$(words $(N))
.PHONY: sub
bad:
	false
var:
	@echo $(shell echo shell) $(sort b a) $(patsubst %.c,%.o,x.c) $(wildcard *.c) $(MAKEFLAGS)
%.c:
	@touch $@
.SECONDARY:
M
mkdir s; printf 'x:\n\t@echo sub $(v)\n' >s/Makefile; make -j4 | sort; make -j4 | sort; touch 3.c; make -n | grep cp; make bad; echo $?; make -k bad nosuch; echo $?
make var; make -j8 -Otarget var bad 2>&1 | grep -v unfinished | sort; make --version | head -n 1; make -q all; echo $?; make -C s -w
