# SPDX-License-Identifier: MIT
# Heavier checks than `make test`: each is for a day on which something deep has changed, and prints what it found.
#   make fuzz-kernels    kernels and networks on KERNEL_FUZZ_COUNT (3000) random shapes of KERNEL_FUZZ_SEED (the time); a
#                        failure prints its shape, and the settings of these and of KERNEL_FUZZ_FIRST that repeat it alone
#   make test-aarch64    the programs of that processor, built by its compiler and run by qemu-user (i386: by the kernel):
#   make test-s390x      unit tests, tests of formats and scoring, and whether they write the bytes that those of this
#   make test-i386       machine write. Prints failures, and a line of counts. Needs gcc-aarch64-linux-gnu,
#                        gcc-s390x-linux-gnu and qemu-user-static, or gcc-i686-linux-gnu; libraries go to
#                        build-MACHINE/sysroot
#   make mutate          do the tests notice mistakes? N (60) of one token each in lib/ or filters/, drawn by SEED (1); says
#                        which test noticed, or what survived. The first run takes long: it learns which test executes
#                        which line. ONLY='3 17' tries these two again
#   make check-musl      every source compiles against musl, without warnings; there are no libraries to link to
#   make fuzz            libFuzzer targets of tests/fuzz for SECONDS of processor time each (60), TARGETS='csv npy' or all:
#                        prints a table, and keeps in $(BUILD)/fuzz what makes one fail. `make test` replays the corpora
#   make faults          FAULTS (12000) calls of the system fail, are interrupted or move less than was asked, in every
#                        program, and KILLS (500) programs are killed as they write models or in a chain; prints a table of
#                        what came of it. Some five minutes; FAULT_SEED draws others
#   make live            a chain of six programs over LIVE_ROWS (10000000) rows: memory that stays, every row a verdict or a
#                        reject; LIVE_GROUP_ROWS (1000000) in groups, with states and restarts; and LIVE_KILLS (200)
#                        times one of them is killed: the others must end within a second
#   make reloads         RELOADS (1000) new models for a chain under load, with alarms: no row is lost, doubled or out of
#                        order, and memory, open files and children stay
#   make interrupted     MOMENTS (50) times examples/ecg is ended by Ctrl-C, SIGTERM or SIGKILL of the group, or SIGKILL of ae-train,
#                        and made again: it must end in the same bytes. INTERRUPT_SEED draws other moments
#   make test-sanitized  the suite under AddressSanitizer and UndefinedBehaviorSanitizer, built in $(BUILD)-san
#   make test-threads    the tests tagged "threads" under ThreadSanitizer, built in $(BUILD)-tsan

KERNEL_FUZZ_SEED := $(shell date +%s)
KERNEL_FUZZ_COUNT = 3000
fuzz-kernels: $(KERNEL_FUZZ:%=$(BUILD)/unit/test_%)
	set -e; for test in $^; do KERNEL_FUZZ_SEED='$(KERNEL_FUZZ_SEED)' KERNEL_FUZZ_COUNT='$(KERNEL_FUZZ_COUNT)' "$$test"; done

include tests/fuzz/rules.mk

.PHONY: test-aarch64 test-s390x test-i386
test-aarch64 test-s390x test-i386: test-%: all $(BUILD)/examples/heartbeats
	tests/tools/on-machine $* $(BUILD)

N    = 60
SEED = 1
mutate:
	python3 tests/tools/mutate $(BUILD)/mutate $(N) $(SEED) $(ONLY)

# Of the system's headers only those that musl's users have from packages are seen: the others are glibc's.
MUSL_HEADERS = csv.h yajl msgpack.h msgpack libdeflate.h sha2.h cblas.h openblas_config.h
check-musl:
	mkdir -p $(BUILD)/musl/include/sys
	ln -sf $(wildcard $(MUSL_HEADERS:%=/usr/include/%) $(MUSL_HEADERS:%=/usr/include/*-linux-gnu*/%)) $(BUILD)/musl/include
	ln -sf $(firstword $(wildcard /usr/include/sys/queue.h /usr/include/*/sys/queue.h)) $(BUILD)/musl/include/sys
	$(MAKE) BUILD=$(BUILD)/musl CC=musl-gcc CPPFLAGS=$(call quote,-isystem $(BUILD)/musl/include $(CPPFLAGS)) compiled
	@echo '$(words $(OBJECTS) $(FILTERS)) objects compile against musl'

# Objects of everything that is linked into programs.
compiled: $(OBJECTS) $(FILTERS:%=$(BUILD)/filters/%.o)
$(BUILD)/filters/%.o: filters/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) $(KEPT) -fPIE -MMD -MP -Ilib -c -o $@ $<

FAULTS     = 12000
KILLS      = 500
FAULT_SEED = 1
faults: all
	AE_BUILD=$(call quote,$(abspath $(BUILD))) CC=$(call quote,$(CC)) python3 tests/tools/faults.py $(BUILD)/faults \
		--faults $(FAULTS) --kills $(KILLS) --seed $(FAULT_SEED)

RELOADS = 1000
reloads: all
	AE_BUILD=$(call quote,$(abspath $(BUILD))) python3 tests/tools/reloads.py $(BUILD)/reloads --reloads $(RELOADS)

.PHONY: faults live reloads interrupted fuzz-kernels mutate check-musl compiled

LIVE_ROWS  = 10000000
LIVE_GROUP_ROWS = 1000000
LIVE_KILLS = 200
live: all
	AE_BUILD=$(call quote,$(abspath $(BUILD))) python3 tests/tools/live.py $(BUILD)/live --rows $(LIVE_ROWS) \
		--group-rows $(LIVE_GROUP_ROWS) --kills $(LIVE_KILLS)

MOMENTS        = 50
INTERRUPT_SEED = 1
interrupted: all
	unset MAKEFLAGS MFLAGS MAKELEVEL; AE_BUILD=$(call quote,$(abspath $(BUILD))) \
		python3 tests/tools/interrupted.py $(BUILD)/interrupted --moments $(MOMENTS) --seed $(INTERRUPT_SEED) EPOCHS=10 \
		HEARTBEATS='-n 1000 -s 2' LINEAR='--net 140-8-140 --epochs 50'

# A report of a sanitizer goes into a file, so that no test can hide it.
REPORTS = $(abspath $(BUILD))/reports
REPORTED = $(call quote,exitcode=99:log_path=$(REPORTS)/report)
test-counted: all unit $(BUILD)/examples/heartbeats
	rm -rf $(call quote,$(REPORTS)) && mkdir $(call quote,$(REPORTS))
	@unset MAKEFLAGS MFLAGS MAKELEVEL; export CC=$(call quote,$(CC)) AE_BUILD=$(call quote,$(abspath $(BUILD))); \
	export ASAN_OPTIONS=detect_leaks=1:$(REPORTED) UBSAN_OPTIONS=print_stacktrace=1:$(REPORTED) TSAN_OPTIONS=$(REPORTED); \
	{ bats --formatter tap $(TEST_JOBS) $(TESTFLAGS) tests; \
		find $(call quote,$(REPORTS)) -type f -exec sed 's/^/# report: /' {} +; } | awk -f tests/tools/count.awk
test-sanitized:
	$(MAKE) SANITIZE=1 BUILD=$(BUILD)-san test-counted
test-threads:
	$(MAKE) SANITIZE=thread BUILD=$(BUILD)-tsan TESTFLAGS=$(call quote,--filter-tags threads $(TESTFLAGS)) test-counted

.PHONY: test-counted test-sanitized test-threads
