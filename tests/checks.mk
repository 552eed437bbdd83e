# SPDX-License-Identifier: MIT
# Heavier checks than `make test`: each is for a day on which something deep has changed, and prints what it found.
#   make fuzz-kernels    kernels on FUZZ_COUNT random shapes of FUZZ_SEED (default: 3000, the time); a failure prints its
#                        shape, and the FUZZ_SEED, FUZZ_FIRST and FUZZ_COUNT that repeat it alone
#   make mutate          do the tests notice mistakes? N (60) of one token each in lib/ or filters/, drawn by SEED (1); says
#                        which test noticed, or what survived. The first run takes long: it learns which test executes
#                        which line. ONLY='3 17' tries these two again

FUZZ_SEED  := $(shell date +%s)
FUZZ_COUNT  = 3000
fuzz-kernels: $(FUZZ:%=$(BUILD)/unit/test_%)
	set -e; for test in $^; do FUZZ_SEED='$(FUZZ_SEED)' FUZZ_COUNT='$(FUZZ_COUNT)' "$$test"; done

N    = 60
SEED = 1
mutate:
	python3 tests/tools/mutate '$(BUILD)/mutate' $(N) $(SEED) $(ONLY)

.PHONY: fuzz-kernels mutate
