# SPDX-License-Identifier: MIT
# aefilters: autoencoders as Unix filters.
#   make                the programs and the library, in build/
#   make test           the whole test suite
#   make lint           formatting and static checks; tests/checks.mk has heavier ones
#   make bench          speed against peers, by ratio
#   make install        PREFIX=/usr/local DESTDIR= and the folders below; make uninstall takes the same

PREFIX     = /usr/local
BINDIR     = $(PREFIX)/bin
LIBDIR     = $(PREFIX)/lib
INCLUDEDIR = $(PREFIX)/include
MANDIR     = $(PREFIX)/share/man
DESTDIR    =
BUILD      = build

FILTERS = $(patsubst filters/%.c,%,$(wildcard filters/*.c))
MAN1    = $(FILTERS:%=man/%.1)
MAN3    = $(wildcard man/*.3)
MAN5    = $(wildcard man/*.5)
MAN7    = $(wildcard man/*.7)
LIB     = $(patsubst lib/%.c,%,$(wildcard lib/*/*.c))
FUZZ    = $(patsubst tests/unit/test_%.c,%,$(wildcard tests/unit/test_fuzz_*.c))
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
# For the tests: vectors of another width must give the same bits, and the register tiles of AVX-512 run without it.
wide-x86_64    = -mavx2 -mfma
isa-wide       = -DAE_KERNEL_WIDTH=16 $(wide-$(MACHINE)) -Wno-psabi
# (Its loops are not unrolled, which would take a minute to compile.)
isa-wide512    = $(isa-wide) -DAE_KERNEL_TILES_AVX512 -O1 -g0 -fno-tree-loop-optimize

CFLAGS  = -O2 -g
KERNEL_CFLAGS = -O3
# Floats are computed as floats: ISO C as GCC has it on s390x would take doubles, and other bits.
arith-s390x = -fexcess-precision=fast
WARN    = -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror -ffp-contract=off -fno-math-errno $(arith-$(MACHINE)) -pthread
# Hardening, which a user's CFLAGS and LDFLAGS leave as it is. Checks of FORTIFY_SOURCE need an optimising compiler.
harden-x86_64  = -fcf-protection=full -fstack-clash-protection
harden-aarch64 = -mbranch-protection=standard -fstack-clash-protection
FORTIFY = $(if $(filter-out -O0,$(lastword $(filter -O%,$(CFLAGS)))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
HARDEN  = -fstack-protector-strong $(harden-$(MACHINE)) $(FORTIFY)
HARDEN_LINK = -Wl,-z,relro,-z,now,-z,noexecstack
PROGRAM = -fPIE -pie $(HARDEN_LINK)
# One set of objects is for the programs and for both libraries: of these, users see what is marked AE_API alone.
SHARED  = -fPIC -fvisibility=hidden
API_LIBS = -lmsgpackc -lz -lmd -lm -ldl
LDLIBS  = -lcsv $(API_LIBS)
ifdef SANITIZE
CFLAGS  = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
KERNEL_CFLAGS =
FORTIFY =
endif

KERNEL_PARTS   = $(filter-out kernels/dispatch,$(filter kernels/%,$(LIB)))
OBJECTS = $(patsubst %,$(BUILD)/lib/%.o,$(filter-out $(KERNEL_PARTS),$(LIB)) $(foreach k,$(KERNELS),$(KERNEL_PARTS:%=%-$k)))

# The public library: what lib/api reaches (lib/LAYERS).
OBJCOPY    = objcopy
VERSION    := $(shell sed -n 's/^\#define AE_VERSION "\(.*\)"/\1/p' lib/core/version.h)
SONAME      = libaefilters.so.0
SHARED_LIB  = libaefilters.so.$(VERSION)
API_OBJECTS = $(foreach folder,api core kernels net train model,$(filter $(BUILD)/lib/$(folder)/%,$(OBJECTS)))
LIBRARY     = $(BUILD)/libaefilters.a $(BUILD)/$(SHARED_LIB)

all: $(FILTERS:%=$(BUILD)/%) $(LIBRARY)

# Objects are made anew when the flags are others than before.
FLAGS = $(CC) $(WARN) $(CFLAGS) $(HARDEN) $(SHARED) $(KERNEL_CFLAGS) $(CPPFLAGS) $(LDFLAGS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' > $@

$(BUILD)/lib/%.o: lib/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(HARDEN) $(SHARED) $(CPPFLAGS) -MMD -MP -Ilib -c -o $@ $<
define KERNEL_RULE
$(BUILD)/lib/$1-%.o: lib/$1.c $(BUILD)/flags
	@mkdir -p $$(@D)
	$$(CC) $$(WARN) $$(CFLAGS) $$(HARDEN) $$(SHARED) $$(KERNEL_CFLAGS) $$(isa-$$*) $$(CPPFLAGS) -DAE_KERNELS=ae_kernels_$$* -MMD -MP -Ilib -c -o $$@ $$<
endef
$(foreach part,$(KERNEL_PARTS),$(eval $(call KERNEL_RULE,$(part))))
$(BUILD)/lib/kernels/dispatch.o: CPPFLAGS += $(KERNELS:%=-DAE_HAVE_%)
$(BUILD)/libae.a: $(OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^
# One object, in which all but the public names has become local: the library cannot clash with a user's names.
$(BUILD)/libaefilters.a: $(API_OBJECTS)
	$(LD) -r -o $(BUILD)/aefilters.o $^
	$(OBJCOPY) --localize-hidden $(BUILD)/aefilters.o
	rm -f $@
	$(AR) rcs $@ $(BUILD)/aefilters.o
$(BUILD)/$(SHARED_LIB): $(API_OBJECTS)
	$(CC) $(CFLAGS) $(HARDEN) -shared -pthread -Wl,-soname,$(SONAME) $(LDFLAGS) $(HARDEN_LINK) -o $@ $^ $(API_LIBS)
	ln -sf $(SHARED_LIB) $(BUILD)/$(SONAME)
	ln -sf $(SONAME) $(BUILD)/libaefilters.so
$(BUILD)/%: filters/%.c $(BUILD)/libae.a
	$(CC) $(WARN) $(CFLAGS) $(HARDEN) $(CPPFLAGS) -MMD -MP -MF $(BUILD)/$*.d -Ilib $(LDFLAGS) $(PROGRAM) -o $@ $< $(BUILD)/libae.a $(LDLIBS)
KERNEL_TESTS   = $(addprefix $(BUILD)/unit/test_,kernels conv $(FUZZ))
$(KERNEL_TESTS): $(foreach k,wide wide512,$(KERNEL_PARTS:%=$(BUILD)/lib/%-$k.o))
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
	unset MAKEFLAGS MFLAGS MAKELEVEL; CC='$(CC)' AE_BUILD='$(abspath $(BUILD))' bats $(TEST_JOBS) $(TESTFLAGS) tests

include tests/checks.mk

C_FILES     = $(wildcard lib/*/*.[ch] filters/*.[ch] tests/unit/*.[ch] tests/tools/*.c bench/*.c examples/*.c examples/*/*.[ch])
SHELL_FILES = setup.sh .ci/run $(wildcard bench/*.sh tests/*.bash tests/*.bats tests/run-examples)
MAN_PAGES   = $(wildcard man/*.[1357])
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
	install -d $(addprefix $(DESTDIR),$(BINDIR) $(LIBDIR)/pkgconfig $(INCLUDEDIR) $(MANDIR)/man1 $(MANDIR)/man3 $(MANDIR)/man5 $(MANDIR)/man7)
	install -m 755 $(FILTERS:%=$(BUILD)/%) $(DESTDIR)$(BINDIR)
	install -m 644 lib/api/aefilters.h $(DESTDIR)$(INCLUDEDIR)
	install -m 644 $(BUILD)/libaefilters.a $(BUILD)/$(SHARED_LIB) $(DESTDIR)$(LIBDIR)
	ln -sf $(SHARED_LIB) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libaefilters.so
	printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$(INCLUDEDIR)' '' \
		'Name: aefilters' 'Description: Scores rows with an autoencoder, or trains one' 'Version: $(VERSION)' \
		'Cflags: -I$${includedir}' 'Libs: -L$${libdir} -laefilters' 'Libs.private: $(API_LIBS) -pthread' \
		> $(DESTDIR)$(LIBDIR)/pkgconfig/aefilters.pc
	install -m 644 $(MAN1) $(DESTDIR)$(MANDIR)/man1
	install -m 644 $(MAN3) $(DESTDIR)$(MANDIR)/man3
	install -m 644 $(MAN5) $(DESTDIR)$(MANDIR)/man5
	install -m 644 $(MAN7) $(DESTDIR)$(MANDIR)/man7

uninstall:
	rm -f $(FILTERS:%=$(DESTDIR)$(BINDIR)/%) $(DESTDIR)$(INCLUDEDIR)/aefilters.h
	rm -f $(addprefix $(DESTDIR)$(LIBDIR)/,libaefilters.a libaefilters.so $(SONAME) $(SHARED_LIB) pkgconfig/aefilters.pc)
	rm -f $(foreach page,$(MAN1) $(MAN3) $(MAN5) $(MAN7),$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))

clean:
	rm -rf $(BUILD)

.PHONY: FORCE all unit test lint bench install uninstall clean
-include $(wildcard $(BUILD)/*.d $(BUILD)/lib/*/*.d $(BUILD)/unit/*.d)
