# The userland: build/user/{init,sh,bin/*}. One source a tool, or one folder; static, small.
UB := $(B)/user
UCFLAGS := -static -Os -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables -Wl,--gc-sections -s
USER_TOOLS := $(patsubst src/user/bin/%.c,%,$(wildcard src/user/bin/*.c))
USER_LIB := $(wildcard src/user/lib/*.c)
USER_TRACE := $(wildcard src/user/trace/*.c)
USER_FOLDERS := find ls sed edit less tar man
# What tar and gzip compress with: the distribution's, whose archive links with musl too.
ZLIB = $(shell $(CC) -print-file-name=libz.a)
USER_INIT := $(filter-out %/alone.c,$(wildcard src/user/init/*.c))
USER_SH := $(wildcard src/user/sh/*.c) $(addprefix src/user/lib/,keys.c command_test.c command_printf.c)
# All tools but trace are one program, told apart by its name: each has but one C library's worth of code, and
# what one has loaded the others need not. Some tools have several names.
TOOLS := $(USER_TOOLS) $(USER_FOLDERS)
TOOL_NAMES := $(foreach tool,$(TOOLS),$(tool)=$(tool)) halt=poweroff reboot=poweroff gunzip=gzip zcat=gzip [=test pkill=pgrep
USER_PROGRAMS := $(UB)/bin/trace $(UB)/bin/tools $(UB)/init $(UB)/alone $(UB)/sh

$(UB)/alone: src/user/init/alone.c
	@mkdir -p $(@D)
	@echo "  USER $@"
	@$(MUSL_CC) $(UCFLAGS) $< -o $@

$(UB)/init: $(USER_INIT) src/user/init/init.h
	@mkdir -p $(@D)
	@echo "  USER $@"
	@$(MUSL_CC) $(UCFLAGS) $(USER_INIT) -o $@

$(UB)/sh: $(USER_SH) $(wildcard src/user/sh/*.h src/user/lib/*.h)
	@mkdir -p $(@D)
	@echo "  USER $@"
	@$(MUSL_CC) $(UCFLAGS) $(USER_SH) -o $@

# What the calls are named, and what their arguments are.
$(B)/gen/trace_calls.inc: src/kernel/linux/syscalls.tbl tools/gen-syscalls
	@mkdir -p $(@D)
	@tools/gen-syscalls trace $< > $@

$(B)/gen/man_calls.inc: src/kernel/linux/syscalls.tbl tools/gen-syscalls
	@mkdir -p $(@D)
	@tools/gen-syscalls man $< > $@

$(UB)/bin/trace: $(USER_TRACE) $(wildcard src/user/trace/*.h) $(USER_LIB) $(wildcard src/user/lib/*.h) $(B)/gen/trace_calls.inc
	@mkdir -p $(@D)
	@echo "  USER $@"
	@$(MUSL_CC) $(UCFLAGS) -I$(B)/gen $(USER_TRACE) $(USER_LIB) -o $@

# A tool's objects become one, of which only NAME_main is seen from outside.
UO := $(B)/user-objects
tool_main = $(subst -,_,$(1))_main
define tool_rule
$(UO)/$(1).o: $(2) $(wildcard src/user/$(1)/*.h src/user/lib/*.h)
	@rm -rf $(UO)/$(1) && mkdir -p $(UO)/$(1)
	@echo "  USER $(1)"
	@for f in $(2) $$(TOOL_SOURCES); do \
		$(MUSL_CC) $(UCFLAGS) $$(TOOL_FLAGS) -c -Dmain=$(call tool_main,$(1)) $$$$f -o $(UO)/$(1)/$$$${f##*/}.o || exit 1; done
	@ld -r $(UO)/$(1)/*.o -o $$@.all && objcopy --keep-global-symbol=$(call tool_main,$(1)) $$@.all $$@ && rm $$@.all
endef
$(foreach tool,$(USER_TOOLS),$(eval $(call tool_rule,$(tool),src/user/bin/$(tool).c)))
$(foreach tool,$(USER_FOLDERS),$(eval $(call tool_rule,$(tool),$(wildcard src/user/$(tool)/*.c))))

$(B)/gen/tool_names.inc: src/user/user.mk $(wildcard src/user/bin)
	@mkdir -p $(@D)
	@printf '%s\n' $(foreach pair,$(TOOL_NAMES),'TOOL("$(firstword $(subst =, ,$(pair)))", $(call tool_main,$(lastword $(subst =, ,$(pair)))))') | LC_ALL=C sort > $@

# The links beside it are made anew each time: a name that is gone goes from the image too.
$(UB)/bin/tools: src/user/tools.c $(foreach tool,$(TOOLS),$(UO)/$(tool).o) $(USER_LIB) $(wildcard src/user/lib/*.h) $(B)/gen/tool_names.inc
	@mkdir -p $(@D)
	@echo "  USER $@"
	@$(MUSL_CC) $(UCFLAGS) -I$(B)/gen $(filter %.c %.o,$^) $(ZLIB) -o $@
	@find $(@D) -type l -delete
	@for name in $(foreach pair,$(TOOL_NAMES),'$(firstword $(subst =, ,$(pair)))'); do ln -s tools $(@D)/"$$name" || exit 1; done

# Its headers alone, for /usr/include is another C library's.
$(B)/gen/zlib/%.h: /usr/include/%.h
	@mkdir -p $(@D)
	@cp $< $@

$(UO)/tar.o $(UO)/gzip.o: src/user/gz/gz.c src/user/gz/gz.h $(B)/gen/zlib/zlib.h $(B)/gen/zlib/zconf.h
$(UO)/tar.o $(UO)/gzip.o: TOOL_FLAGS = -I$(B)/gen/zlib
$(UO)/tar.o $(UO)/gzip.o: TOOL_SOURCES = src/user/gz/gz.c

$(UO)/man.o: $(B)/gen/man_calls.inc
$(UO)/man.o: TOOL_FLAGS = -I$(B)/gen

user: $(USER_PROGRAMS)
.PHONY: user

# The ABI's test programs, for the guest and for Linux: build/user/tests/*.
# Those in guest/ use up a machine: Linux does not run them.
USER_TESTS := $(patsubst tests/system/%.c,$(UB)/tests/%,$(wildcard tests/system/*.c tests/system/guest/*.c))

$(UB)/tests/%: tests/system/%.c $(wildcard tests/system/*.h)
	@mkdir -p $(@D)
	@echo "  USER $@"
	@$(MUSL_CC) $(UCFLAGS) $< -o $@

user-tests: $(USER_TESTS)
.PHONY: user-tests
