# The userland: build/user/{init,sh,bin/*}. One source a tool, or one folder; static, small.
UB := $(B)/user
UCFLAGS := -static -Os -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables -Wl,--gc-sections -s
USER_TOOLS := $(patsubst src/user/bin/%.c,%,$(wildcard src/user/bin/*.c))
USER_LIB := $(wildcard src/user/lib/*.c)
USER_TRACE := $(wildcard src/user/trace/*.c)
USER_FOLDERS := sed edit less tar
# What tar and gzip compress with: the distribution's, whose archive links with musl too.
ZLIB = $(shell $(CC) -print-file-name=libz.a)
USER_INIT := $(filter-out %/alone.c,$(wildcard src/user/init/*.c))
USER_SH := $(wildcard src/user/sh/*.c) $(addprefix src/user/lib/,keys.c command_test.c command_printf.c)
# poweroff and gzip are programs with three names.
USER_LINKS := reboot halt
GZIP_LINKS := gunzip zcat
USER_PROGRAMS := $(UB)/bin/trace $(UB)/init $(UB)/alone $(UB)/sh $(addprefix $(UB)/bin/,$(USER_TOOLS) $(USER_FOLDERS) $(USER_LINKS) $(GZIP_LINKS) pkill [)

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

$(UB)/bin/trace: $(USER_TRACE) $(wildcard src/user/trace/*.h) $(USER_LIB) $(wildcard src/user/lib/*.h) $(B)/gen/trace_calls.inc
	@mkdir -p $(@D)
	@echo "  USER $@"
	@$(MUSL_CC) $(UCFLAGS) -I$(B)/gen $(USER_TRACE) $(USER_LIB) -o $@

$(addprefix $(UB)/bin/,$(USER_TOOLS)): $(UB)/bin/%: src/user/bin/%.c $(USER_LIB) $(wildcard src/user/lib/*.h)
	@mkdir -p $(@D)
	@echo "  USER $@"
	@$(MUSL_CC) $(UCFLAGS) $< $(USER_LIB) $(USER_EXTRA) -o $@

# A tool of several files.
define folder_tool
$(UB)/bin/$(1): $(wildcard src/user/$(1)/*.c src/user/$(1)/*.h) $(USER_LIB) $(wildcard src/user/lib/*.h)
	@mkdir -p $$(@D)
	@echo "  USER $$@"
	@$(MUSL_CC) $(UCFLAGS) $(wildcard src/user/$(1)/*.c) $(USER_LIB) $$(USER_EXTRA) -o $$@
endef
$(foreach tool,$(USER_FOLDERS),$(eval $(call folder_tool,$(tool))))

# Its headers alone, for /usr/include is another C library's.
$(B)/gen/zlib/%.h: /usr/include/%.h
	@mkdir -p $(@D)
	@cp $< $@

$(UB)/bin/tar $(UB)/bin/gzip: src/user/gz/gz.c src/user/gz/gz.h $(B)/gen/zlib/zlib.h $(B)/gen/zlib/zconf.h
$(UB)/bin/tar $(UB)/bin/gzip: USER_EXTRA = -I$(B)/gen/zlib src/user/gz/gz.c $(ZLIB)

$(addprefix $(UB)/bin/,$(USER_LINKS)): $(UB)/bin/poweroff
	@ln -sf poweroff $@

$(addprefix $(UB)/bin/,$(GZIP_LINKS)): $(UB)/bin/gzip
	@ln -sf gzip $@

$(UB)/bin/[: $(UB)/bin/test
	@ln -sf test $@

$(UB)/bin/pkill: $(UB)/bin/pgrep
	@ln -sf pgrep $@

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
