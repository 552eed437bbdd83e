# SPDX-License-Identifier: MIT
# What the newer examples share (examples/ecg stands alone). An example sets HERE, its folder, OUT, the folder of what
# it makes, SETTINGS, the names of the settings that files depend on, and perhaps PICTURES, what `make` draws after the
# target `table`; then it includes this file.
.DEFAULT_GOAL = show

# The folder with the programs; without one, PATH finds them.
AE = $(wildcard $(HERE)/../../build)
ifneq ($(AE),)
export PATH := $(AE):$(PATH)
endif

SHELL       = bash
.SHELLFLAGS = -o pipefail -ec
.DELETE_ON_ERROR:
.SECONDARY:
.SECONDEXPANSION:
.SUFFIXES:

# The last losses in what --log of ae-train wrote, training and validation; the mean of the errors of a stream.
LAST_LOSS = awk -F, 'END { printf "%.5f %.5f\n", $$2, $$3 }'
MEAN_ERR  = ae-info --stats | awk '$$1 == "err" && $$2 ~ /^[0-9]/ { printf "%.5f\n", $$4 }'

# A setting as a file, written when it changes: what depends on OUT/NAME.set is made again when NAME has changed.
$(SETTINGS:%=$(OUT)/%.set): $(OUT)/%.set: ALWAYS | $(OUT)
	@printf '%s\n' '$($*)' | cmp -s - $@ || printf '%s\n' '$($*)' > $@

$(OUT):
	@command -v ae-cat > /dev/null || { echo >&2 'ae-cat is not here: build the programs first, or say AE=FOLDER'; exit 1; }
	mkdir -p $@

# Pictures come last, so that their lack leaves the table.
ifdef PICTURES
show: table $(if $(shell command -v gnuplot),pictures,no-gnuplot)

pictures: $(PICTURES)
	@printf '\nPictures\n'; printf '%s\n' $(PICTURES)

$(PICTURES): | table

no-gnuplot:
	@printf '\nNo pictures: gnuplot is not installed (apt-get install gnuplot-nox)\n'
else
show: table
endif

clean:
	rm -rf $(HERE)/out

.PHONY: show table pictures no-gnuplot clean ALWAYS
