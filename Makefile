# SPDX-License-Identifier: MIT
# aefilters: autoencoders as Unix filters.
#   make                the programs and the library, in build/
#   make test           the whole test suite
#   make lint           formatting and static checks; tests/checks.mk has heavier ones
#   make bench          speed against peers, by ratio; QUICK=1 in under two minutes, WORK=csv-in for one of them
#   make bench-deps     installs those peers
#   make readme-pictures ECG=/path/to/ecg.csv, make readme-growth
#   make install        PREFIX=/usr/local DESTDIR= and the folders below; make uninstall takes the same

PREFIX     = /usr/local
BINDIR     = $(PREFIX)/bin
LIBDIR     = $(PREFIX)/lib
INCLUDEDIR = $(PREFIX)/include
MANDIR     = $(PREFIX)/share/man
DESTDIR    =
BUILD      = build

# A word of the shell: DESTDIR, BUILD and flags may hold spaces and quotes.
quote = '$(subst ','\'',$1)'

# Make and the shell take other characters in a file's name for something else: such a BUILD is reached through a link here.
ifneq ($(shell case $(call quote,$(BUILD)) in ('' | *[!A-Za-z0-9_./+-]*) echo other ;; esac),)
BUILD_FOLDER  := $(BUILD)
override BUILD := .build-$(shell printf %s $(call quote,$(BUILD)) | cksum | cut -d ' ' -f 1)
$(if $(shell mkdir -p $(call quote,$(BUILD_FOLDER)) && ln -sfn $(call quote,$(BUILD_FOLDER)) $(BUILD) && echo linked),,\
	$(error BUILD=$(BUILD_FOLDER): no link to it can be made here))
endif

FILTERS = $(patsubst filters/%.c,%,$(wildcard filters/*.c))
MAN1    = $(FILTERS:%=man/%.1)
MAN3    = $(wildcard man/*.3)
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
# Each has its own instructions, whatever processor CFLAGS name: generic has no fused multiply-add on x86.
isa-generic    = $(if $(filter x86_64 i%86,$(MACHINE)),-mno-avx)
isa-avx2       = -mno-avx512f -mavx2 -mfma
isa-avx512     = -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma -mprefer-vector-width=512 -mtune=icelake-server
# For the tests: vectors of another width must give the same bits, and the register tiles of AVX-512 run without it.
wide-x86_64    = $(isa-avx2)
isa-wide       = -DAE_KERNEL_WIDTH=16 $(wide-$(MACHINE)) -Wno-psabi
# (Its loops are not unrolled, which would take GCC a minute to compile.)
isa-wide512    = $(isa-wide) -DAE_KERNEL_TILES_AVX512 -O1 -g0 $(NO_UNROLLING)
NO_UNROLLING  := $(shell $(CC) -fno-tree-loop-optimize -E -x c /dev/null > /dev/null 2>&1 && echo -fno-tree-loop-optimize)

CFLAGS  = -O2 -g
KERNEL_CFLAGS = -O3
WARN    = -std=c11 -D_GNU_SOURCE $(LARGE) -Wall -Wextra -Wpedantic -Werror -pthread
# Files beyond 2 GiB and times beyond 2038 where a word has 32 bits.
LARGE   = $(if $(filter i%86 arm%,$(MACHINE)),-D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64)
# What follows the flags of a user, which leave it as they find it. First, the bits of scores: lib/core/arithmetic.h
# refuses the flags that cannot be undone.
BITS    = -ffp-contract=off -fno-math-errno -fno-unsafe-math-optimizations -fno-associative-math -fno-reciprocal-math \
          -fsigned-zeros -fno-rounding-math $(bits-$(MACHINE)) -include lib/core/arithmetic.h
# Floats are computed as floats: ISO C as GCC has it on s390x would take doubles.
bits-s390x = -fexcess-precision=fast
# Then, hardening. Checks of FORTIFY_SOURCE need an optimising compiler.
harden-i686    = $(harden-x86_64)
harden-x86_64  = -fcf-protection=full -fstack-clash-protection
harden-aarch64 = -mbranch-protection=standard -fstack-clash-protection
optimises = $(filter-out -O0,$(lastword $(filter -O%,$1)))
FORTIFY = -U_FORTIFY_SOURCE $(if $(call optimises,$(CFLAGS)),$(if $(call optimises,$(CFLAGS) $(KERNEL_CFLAGS)),-D_FORTIFY_SOURCE=3))
HARDEN  = -fstack-protector-strong $(harden-$(MACHINE)) $(FORTIFY)
KEPT    = $(BITS) $(HARDEN)
# The linker marks what it makes for CET where all that it links is, as the start files of Debian 12 are not. To force it
# would be a lie: they have no endbr64.
HARDEN_LINK = -Wl,-z,relro,-z,now,-z,noexecstack
PROGRAM_LINK = -fPIE -pie $(HARDEN_LINK)
# One set of objects is for the programs and for both libraries: of these, users see what is marked AE_API alone.
SHARED  = -fPIC -fvisibility=hidden
API_LIBS = -lmsgpackc -ldeflate -lmd -lm -ldl
LDLIBS  = -lcsv -lyajl $(API_LIBS)
# SANITIZE=1: addresses and undefined behaviour; SANITIZE=thread: data races. Kernels keep all checks, but with their
# loops unrolled, or with -g, which follows every variable, the checks would take GCC minutes to compile.
ifdef SANITIZE
sanitizers = $(if $(filter thread,$(SANITIZE)),thread,address -fsanitize=undefined)
CFLAGS  = -O1 -g -fno-omit-frame-pointer -fsanitize=$(sanitizers) -fno-sanitize-recover=undefined
KERNEL_CFLAGS = -g1 $(NO_UNROLLING)
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
FLAGS = $(CC) $(WARN) $(CFLAGS) $(KERNEL_CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(KEPT) $(SHARED) $(KERNELS) $(PROGRAM_LINK) $(LDLIBS)
ifneq ($(filter -Ofast -ffast-math,$(FLAGS)),)
$(error -Ofast and -ffast-math change the bits of scores: build without)
endif
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(call quote,$(FLAGS)) | cmp -s - $@ || printf '%s\n' $(call quote,$(FLAGS)) > $@

$(BUILD)/lib/%.o: lib/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(KEPT) $(SHARED) $(DEFINES) -MMD -MP -Ilib -c -o $@ $<
define KERNEL_RULE
$(BUILD)/lib/$1-%.o: lib/$1.c $(BUILD)/flags
	@mkdir -p $$(@D)
	$$(CC) $$(WARN) $$(CFLAGS) $$(KERNEL_CFLAGS) $$(CPPFLAGS) $$(KEPT) $$(SHARED) $$(isa-$$*) -DAE_KERNELS=ae_kernels_$$* -MMD -MP -Ilib -c -o $$@ $$<
endef
$(foreach part,$(KERNEL_PARTS),$(eval $(call KERNEL_RULE,$(part))))
$(BUILD)/lib/kernels/dispatch.o: private DEFINES = $(KERNELS:%=-DAE_HAVE_%)
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
	$(CC) $(CFLAGS) $(LDFLAGS) $(KEPT) -pthread -shared -Wl,-soname,$(SONAME) $(HARDEN_LINK) -o $@ $^ $(API_LIBS)
	ln -sf $(SHARED_LIB) $(BUILD)/$(SONAME)
	ln -sf $(SONAME) $(BUILD)/libaefilters.so
$(BUILD)/%: filters/%.c $(BUILD)/libae.a
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(KEPT) -MMD -MP -MF $(BUILD)/$*.d -Ilib $(PROGRAM_LINK) -o $@ $< $(BUILD)/libae.a $(LDLIBS)
KERNEL_FUZZ    = $(patsubst tests/unit/test_%.c,%,$(wildcard tests/unit/test_fuzz_*.c))
KERNEL_TESTS   = $(addprefix $(BUILD)/unit/test_,kernels conv $(KERNEL_FUZZ))
$(KERNEL_TESTS): $(foreach k,wide wide512,$(KERNEL_PARTS:%=$(BUILD)/lib/%-$k.o))
$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libae.a | $(BUILD)/unit
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(KEPT) -MMD -MP -Ilib -o $@ $< $(filter %.o,$^) $(BUILD)/libae.a $(LDLIBS)
$(BUILD)/unit:
	mkdir -p $@

unit: $(UNIT:%=$(BUILD)/unit/%)

# The tests' made-up heartbeats.
$(BUILD)/examples/heartbeats: examples/ecg/heartbeats.c $(BUILD)/flags
	mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(KEPT) -o $@ $< -lm

# Test files run side by side where GNU parallel is there. A test that calls make gets none of this one's variables.
TEST_JOBS = $(if $(shell parallel --version 2> /dev/null | grep -m 1 GNU),--jobs $(shell nproc) --no-parallelize-within-files)
test: all unit $(BUILD)/examples/heartbeats
	unset MAKEFLAGS MFLAGS MAKELEVEL; CC=$(call quote,$(CC)) AE_BUILD=$(call quote,$(abspath $(BUILD))) bats $(TEST_JOBS) $(TESTFLAGS) tests

include tests/checks.mk

C_FILES     = $(wildcard lib/*/*.[ch] filters/*.[ch] tests/unit/*.[ch] tests/tools/*.c tests/fuzz/*.[ch] bench/*.c bench/*.cpp bench/peers/*.cpp examples/*.c examples/*/*.[ch])
SHELL_FILES = setup.sh .ci/run $(wildcard bench/*.sh examples/live/*.sh tests/*.bash tests/*.bats tests/run-examples tests/fuzz/run tests/tools/on-machine tests/tools/same-bytes)
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

# The pictures of README.md: ECG names the real beats, as for examples/ecg; the series of the other is made up.
readme-pictures: all
	$(if $(ECG),,$(error README.md shows the real beats: say ECG=/path/to/ecg.csv))
	unset MAKEFLAGS MFLAGS MAKELEVEL; make="$(MAKE) -s AE=$(abspath $(BUILD)) -C examples"; \
	$$make/ecg ECG=$(call quote,$(abspath $(ECG))) ../pictures/errors.svg && $$make/nab-keras ../pictures/score.svg

$(BUILD)/bench/%: bench/%.c $(BUILD)/libae.a
	mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(KEPT) -Ilib -o $@ $< $(BUILD)/libae.a $(LDLIBS)

$(BUILD)/bench/%: bench/peers/%.cpp $(BUILD)/flags
	mkdir -p $(@D)
	$(CXX) -std=c++17 -Wall -Wextra -Wpedantic -Werror -O2 $(CPPFLAGS) $(LDFLAGS) -o $@ $< $(LIBS_$*)

LIBS_onednn_conv = -ldnnl

$(BUILD)/bench/bench_format: bench/bench_format.cpp $(BUILD)/libae.a
	mkdir -p $(@D)
	$(CXX) -std=c++17 -Wall -Wextra -Wpedantic -Werror -O2 $(CPPFLAGS) $(LDFLAGS) -Ilib -o $@ $< $(BUILD)/libae.a -lm

# Peers in C++ are built where there are a compiler and oneDNN.
has_header = $(shell echo '\#include <$1>' | $(CXX) -E -x c++ - >/dev/null 2>&1 && echo yes)
bench_programs = $(patsubst %,$(BUILD)/bench/bench_%,machine train parse latency)
bench_peers = $(if $(call has_header,charconv),$(patsubst %,$(BUILD)/bench/%,bench_format to_chars)) $(if $(call has_header,dnnl.hpp),$(BUILD)/bench/onednn_conv)

bench: all $(BUILD)/examples/heartbeats $(bench_programs)
	$(if $(strip $(bench_peers)),$(MAKE) $(bench_peers))
	AE_BUILD=$(call quote,$(abspath $(BUILD))) python3 bench $(if $(QUICK),--scale 0.1 --turns 1) $(WORK)
	$(if $(QUICK)$(WORK),,AE_BUILD=$(call quote,$(abspath $(BUILD))) bash bench/latency.sh)
	$(if $(QUICK)$(WORK),,$(if $(call has_header,charconv),$(BUILD)/bench/bench_format))

# The picture of README.md of how time and memory grow: ten minutes.
readme-growth: all
	AE_BUILD=$(call quote,$(abspath $(BUILD))) python3 bench/growth.py pictures/growth.svg

# The peers, from Debian's packages and npm's: 1.5 GB.
bench-deps:
	sh setup.sh --bench
	mkdir -p $(BUILD)/bench
	cd $(BUILD)/bench && npm install --ignore-scripts --no-audit --no-fund onnxruntime-node @duckdb/node-api

# A file or folder of an installation, as a word of the shell.
under = $(call quote,$(DESTDIR)$1)

install: all
	install -d $(call under,$(BINDIR)) $(call under,$(LIBDIR)/pkgconfig) $(call under,$(INCLUDEDIR)) \
		$(foreach n,1 3 5 7,$(call under,$(MANDIR)/man$n))
	install -m 755 $(FILTERS:%=$(BUILD)/%) $(call under,$(BINDIR))
	install -m 644 lib/api/aefilters.h $(call under,$(INCLUDEDIR))
	install -m 644 $(BUILD)/libaefilters.a $(BUILD)/$(SHARED_LIB) $(call under,$(LIBDIR))
	ln -sf $(SHARED_LIB) $(call under,$(LIBDIR)/$(SONAME))
	ln -sf $(SONAME) $(call under,$(LIBDIR)/libaefilters.so)
	printf '%s\n' $(call quote,prefix=$(PREFIX)) $(call quote,libdir=$(LIBDIR)) $(call quote,includedir=$(INCLUDEDIR)) '' \
		'Name: aefilters' 'Description: Scores rows with an autoencoder, or trains one' 'Version: $(VERSION)' \
		'Cflags: -I"$${includedir}"' 'Libs: -L"$${libdir}" -laefilters' 'Libs.private: $(API_LIBS) -pthread' \
		> $(call under,$(LIBDIR)/pkgconfig/aefilters.pc)
	install -m 644 $(MAN1) $(call under,$(MANDIR)/man1)
	install -m 644 $(MAN3) $(call under,$(MANDIR)/man3)
	install -m 644 $(MAN5) $(call under,$(MANDIR)/man5)
	install -m 644 $(MAN7) $(call under,$(MANDIR)/man7)

uninstall:
	rm -f $(foreach filter,$(FILTERS),$(call under,$(BINDIR)/$(filter))) $(call under,$(INCLUDEDIR)/aefilters.h)
	rm -f $(foreach file,libaefilters.a libaefilters.so $(SONAME) $(SHARED_LIB) pkgconfig/aefilters.pc,$(call under,$(LIBDIR)/$(file)))
	rm -f $(foreach page,$(MAN1) $(MAN3) $(MAN5) $(MAN7),$(call under,$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page))))

clean:
	rm -rf $(BUILD) $(if $(BUILD_FOLDER),$(call quote,$(BUILD_FOLDER)))

.PHONY: FORCE all unit test lint bench bench-deps readme-growth readme-pictures install uninstall clean
-include $(wildcard $(BUILD)/*.d $(BUILD)/lib/*/*.d $(BUILD)/unit/*.d)
