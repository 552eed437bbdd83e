# SPDX-License-Identifier: MIT
# The beats of an example: OUT/train.aes and OUT/test.aes, made up or from ECG, by the settings HEARTBEATS, ECG and SPLIT.
BEATS := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))

ifeq ($(ECG),)
$(OUT)/generate: $(BEATS)/heartbeats.c | $(OUT)
	$(CC) -std=c11 -D_GNU_SOURCE -O2 -ffp-contract=off -o $(call PART,$@) $< -lm && $(call KEEP,$@)

$(OUT)/data.csv: $(OUT)/generate $(OUT)/HEARTBEATS.set $(OUT)/ECG.set
	$(OUT)/generate $(HEARTBEATS) $(TO)
else
ifneq ($(words $(wildcard $(ECG))),1)
$(error ECG=$(ECG): no such file, seen from $(CURDIR) (nor may its name hold a space))
endif
$(OUT)/data.csv: $(ECG) $(OUT)/ECG.set
	zcat -f < $(ECG) $(TO)
endif

# The last column is the label, 1 a normal heartbeat.
$(OUT)/train.aes $(OUT)/test.aes &: $(OUT)/data.csv $(OUT)/SPLIT.set ae-split
	ae-split -H --label -1 $(SPLIT) -o $(OUT)/train.aes --test-out $(OUT)/test.aes $<
