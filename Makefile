# Rustica. `make help` says what there is.
ifeq ($(lastword $(MAKEFILE_LIST)),Makefile)
include tools/build.mk
else
# Called from elsewhere with -f: go home first, so that every path in there is relative. The list is
# one path here, perhaps with blanks in it, which make's own functions would take for two.
home := $(shell dirname "`echo '$(MAKEFILE_LIST)' | sed 's/^ *//'`")
goals := $(or $(MAKECMDGOALS),all)
.PHONY: $(goals)
$(firstword $(goals)):
	@$(MAKE) --no-print-directory -C "$(home)" $(goals)
$(wordlist 2,99,$(goals)): $(firstword $(goals))
	@:
endif
