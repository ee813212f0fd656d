# Rustica. `make help` says what there is.
TOP := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
ifneq ($(CURDIR)/,$(TOP))
# Called from elsewhere with -f: go home first, so that every path below is relative.
%:
	@$(MAKE) -C $(TOP) $@
else
include tools/build.mk
endif
