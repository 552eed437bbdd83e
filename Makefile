# SPDX-License-Identifier: MIT
# aefilters: autoencoders as Unix filters.
#   make                the programs, in build/
#   make test           the whole test suite
#   make lint           formatting and static checks
#   make bench          speed against peers, by ratio
#   make install        PREFIX=/usr/local DESTDIR=

PREFIX  = /usr/local
DESTDIR =
BUILD   = build

FILTERS = $(patsubst filters/%.c,%,$(wildcard filters/*.c))
MAN1    = $(FILTERS:%=man/%.1)
MAN5    = $(wildcard man/*.5)
MAN7    = $(wildcard man/*.7)
LIB     = $(patsubst lib/%.c,%,$(wildcard lib/*/*.c))
UNIT    = $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))

# The compute kernels are one source, compiled once per instruction set.
ISAS           = generic avx2 avx512
kernels-x86_64 = generic avx2 avx512
kernels-other  = generic
MACHINE       := $(shell $(CC) -dumpmachine | cut -d- -f1)
KERNELS        = $(or $(kernels-$(MACHINE)),$(kernels-other))
isa-generic    =
isa-avx2       = -mavx2 -mfma
isa-avx512     = -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma -mprefer-vector-width=512 -mtune=icelake-server
# For test_kernels: vectors of another width must give the same bits.
wide-x86_64    = -mavx2 -mfma
isa-wide       = -DAE_KERNEL_WIDTH=16 $(wide-$(MACHINE)) -Wno-psabi

CFLAGS  = -O2 -g
KERNEL_CFLAGS = -O3
WARN    = -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror -ffp-contract=off -fno-math-errno -pthread
LDLIBS  = -lcsv -lmsgpackc -lz -lmd -lm -ldl
ifdef SANITIZE
CFLAGS  = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
KERNEL_CFLAGS =
endif

KERNEL_PARTS   = $(filter-out kernels/dispatch,$(filter kernels/%,$(LIB)))
OBJECTS = $(patsubst %,$(BUILD)/lib/%.o,$(filter-out $(KERNEL_PARTS),$(LIB)) $(foreach k,$(KERNELS),$(KERNEL_PARTS:%=%-$k)))

all: $(FILTERS:%=$(BUILD)/%)

$(BUILD)/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) -MMD -MP -Ilib -c -o $@ $<
define KERNEL_RULE
$(BUILD)/lib/$1-%.o: lib/$1.c
	@mkdir -p $$(@D)
	$$(CC) $$(WARN) $$(CFLAGS) $$(KERNEL_CFLAGS) $$(isa-$$*) $$(CPPFLAGS) -DAE_KERNELS=ae_kernels_$$* -MMD -MP -Ilib -c -o $$@ $$<
endef
$(foreach part,$(KERNEL_PARTS),$(eval $(call KERNEL_RULE,$(part))))
$(BUILD)/lib/kernels/dispatch.o: CPPFLAGS += $(KERNELS:%=-DAE_HAVE_%)
$(BUILD)/libae.a: $(OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^
$(BUILD)/%: filters/%.c $(BUILD)/libae.a
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) -MMD -MP -MF $(BUILD)/$*.d -Ilib $(LDFLAGS) -o $@ $< $(BUILD)/libae.a $(LDLIBS)
$(BUILD)/unit/test_kernels $(BUILD)/unit/test_conv: $(KERNEL_PARTS:%=$(BUILD)/lib/%-wide.o)
$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libae.a | $(BUILD)/unit
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) -MMD -MP -Ilib $(LDFLAGS) -o $@ $< $(filter %.o,$^) $(BUILD)/libae.a $(LDLIBS)
$(BUILD)/unit:
	mkdir -p $@

unit: $(UNIT:%=$(BUILD)/unit/%)

# The tests' made-up heartbeats.
$(BUILD)/examples/heartbeats: examples/ecg/heartbeats.c
	mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) -o $@ $< -lm

# Test files run side by side where GNU parallel is there. A test that calls make gets none of this one's variables.
TEST_JOBS = $(if $(shell parallel --version 2> /dev/null | grep -m 1 GNU),--jobs $(shell nproc) --no-parallelize-within-files)
test: all unit $(BUILD)/examples/heartbeats
	unset MAKEFLAGS MFLAGS MAKELEVEL; AE_BUILD='$(abspath $(BUILD))' bats $(TEST_JOBS) $(TESTFLAGS) tests

C_FILES     = $(wildcard lib/*/*.[ch] filters/*.[ch] tests/unit/*.[ch] tests/tools/*.c bench/*.c examples/*/*.[ch])
SHELL_FILES = setup.sh .ci/run $(wildcard bench/*.sh tests/*.bash tests/*.bats tests/run-examples)
MAN_PAGES   = $(wildcard man/*.[157])
# cppcheck does not know vector types.
CPPCHECK    = --quiet --std=c11 -D_GNU_SOURCE -Ilib --enable=warning,performance,portability --inline-suppr \
              --suppress=missingIncludeSystem $(KERNEL_PARTS:%=--suppress=uninitvar:lib/%.c) --error-exitcode=1
# bats runs every test in a subshell and sets status, output, stderr and lines.
SHELLCHECK  = --exclude=SC2030,SC2031,SC2154

lint:
	clang-format --dry-run -Werror $(C_FILES)
	cppcheck $(CPPCHECK) $(filter %.c,$(C_FILES))
	shellcheck $(SHELLCHECK) $(SHELL_FILES)
	$(if $(MAN_PAGES),mandoc -Tlint -W warning $(MAN_PAGES))

$(BUILD)/bench/%: bench/%.c $(BUILD)/libae.a
	mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) -Ilib $(LDFLAGS) -o $@ $< $(BUILD)/libae.a $(LDLIBS)

$(BUILD)/bench/onednn_conv: bench/onednn_conv.cpp
	mkdir -p $(@D)
	$(CXX) -std=c++17 -Wall -Wextra -Wpedantic -Werror -O2 $(CPPFLAGS) $(LDFLAGS) -o $@ $< -ldnnl

bench: all $(BUILD)/examples/heartbeats $(BUILD)/bench/bench_train
	if echo '#include <dnnl.hpp>' | $(CXX) -E -x c++ - > /dev/null 2>&1; then $(MAKE) $(BUILD)/bench/onednn_conv; fi
	$(BUILD)/bench/bench_train
	for script in bench/*.sh; do AE_BUILD='$(abspath $(BUILD))' bash "$$script" || exit; done

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(addprefix $(DESTDIR)$(PREFIX)/share/man/,man1 man5 man7)
	install -m 755 $(FILTERS:%=$(BUILD)/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(MAN1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(MAN5) $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 $(MAN7) $(DESTDIR)$(PREFIX)/share/man/man7

clean:
	rm -rf $(BUILD)

.PHONY: all unit test lint bench install clean
-include $(wildcard $(BUILD)/*.d $(BUILD)/lib/*/*.d $(BUILD)/unit/*.d)
