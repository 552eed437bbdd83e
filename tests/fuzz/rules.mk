# SPDX-License-Identifier: MIT
# Fuzz targets with a plain main that runs the files that are named. Checksums are not looked at, --wrap lets files come
# in pieces, and programs are there under the names of their main functions.
FUZZ_TARGETS = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_PARTS   = fuzz msgpack $(if $(FUZZ_ENGINE),,replay)
FUZZ_WRAP    = read poll fsync
unit: $(FUZZ_TARGETS:%=$(BUILD)/fuzz/fuzz_%)
$(BUILD)/fuzz/%.o: tests/fuzz/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(KEPT) $(DEFINES) -MMD -MP -Ilib -c -o $@ $<
$(BUILD)/fuzz/msgpack.o: lib/core/msgpack.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(KEPT) -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -MMD -MP -Ilib -c -o $@ $<
$(BUILD)/fuzz/ae_%.o: filters/ae-%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(KEPT) -Dmain=ae_$*_main -MMD -MP -Ilib -c -o $@ $<
$(BUILD)/fuzz/fuzz_options.o: private DEFINES = -DAE_PROGRAMS='$(patsubst %,PROGRAM(%),$(subst -,_,$(FILTERS)))'
$(BUILD)/fuzz/fuzz_options: $(patsubst %,$(BUILD)/fuzz/%.o,$(subst -,_,$(FILTERS)))
$(BUILD)/fuzz/fuzz_options: FUZZ_WRAP += ae_program_start
$(BUILD)/fuzz/fuzz_state: $(patsubst %,$(BUILD)/fuzz/ae_%.o,smooth thresh transform window)
$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/fuzz_%.o $(FUZZ_PARTS:%=$(BUILD)/fuzz/%.o) $(BUILD)/libae.a
	$(CC) $(CFLAGS) $(LDFLAGS) $(KEPT) $(FUZZ_ENGINE) $(FUZZ_WRAP:%=-Wl,--wrap=%) -o $@ \
		$(filter %.o,$^) $(BUILD)/libae.a $(LDLIBS)
-include $(wildcard $(BUILD)/fuzz/*.d)
.PRECIOUS: $(BUILD)/fuzz/%.o

# The same with libFuzzer, in a build of its own.
SECONDS      = 60
TARGETS      = $(FUZZ_TARGETS)
FUZZ_BUILD   = $(BUILD)/fuzz/clang
FUZZ_CFLAGS  = -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
fuzz:
	$(MAKE) CC=clang BUILD=$(FUZZ_BUILD) KERNELS=generic KERNEL_CFLAGS=-fno-sanitize=all FORTIFY= \
		CFLAGS='$(FUZZ_CFLAGS)' FUZZ_ENGINE=-fsanitize=fuzzer $(TARGETS:%=$(FUZZ_BUILD)/fuzz/fuzz_%)
	tests/fuzz/run $(FUZZ_BUILD)/fuzz $(BUILD)/fuzz $(SECONDS) $(TARGETS)

.PHONY: fuzz
