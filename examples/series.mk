# SPDX-License-Identifier: MIT
# What the examples of one long series share. An example makes OUT/train.csv, values alone, and OUT/all.aes, all rows with
# columns label and part (train or test), and sets SCALE, WIDTH, LATENT, EPOCHS, BATCH, FIT, METRIC, SEEDS, and NEEDS, a file of DATA.
SERIES_SH = SCALE=$(SCALE) $(HERE)/../series.sh

ifneq ($(MAKECMDGOALS),clean)
ifneq ($(words $(wildcard $(DATA)/$(NEEDS))),1)
$(error DATA=$(DATA): no $(NEEDS) there, seen from $(CURDIR). Say DATA=/path/to/$(notdir $(HERE)))
endif
endif

table: $(SEEDS:%=$(OUT)/seed-%.txt) $(SEEDS:%=$(OUT)/t2q-%.txt) $(OUT)/floors.txt $(OUT)/lengths.txt
ifndef DRY
	@read length window smoothing baseline < $(OUT)/lengths.txt; \
	printf '\nRows resemble each other over %d: windows of %d rows, scores smoothed over %d, baseline of %d rows\n' \
		$$length $$window $$smoothing $$baseline
	@printf '\nTest rows, one by one: no point adjustment; best F1 is that of the best threshold\n'
	@{ echo seed ROC-AUC PR-AUC best-F1; cat $(SEEDS:%=$(OUT)/seed-%.txt); } | awk -f $(HERE)/../median.awk
	@printf '\nThe same networks, scored by distance in the latent and reconstruction together: ae-err --metric t2q\n'
	@{ echo seed ROC-AUC PR-AUC best-F1; cat $(SEEDS:%=$(OUT)/t2q-%.txt); } | awk -f $(HERE)/../median.awk
	@printf '\nFloors%27s ROC-AUC  PR-AUC best F1\n' ''; cat $(OUT)/floors.txt
endif

$(OUT)/lengths: $(HERE)/../lengths.c | $(OUT)
	$(CC) -std=c11 -D_GNU_SOURCE -O2 -ffp-contract=off -o $(call PART,$@) $< -lm && $(call KEEP,$@)

$(OUT)/lengths.txt: $(OUT)/train.csv $(OUT)/lengths
	$(OUT)/lengths < $< $(TO)

$(OUT)/train.aes: $(OUT)/all.aes ae-cat
	ae-cat --where part=train $< $(AS)

NET = n=$$(($$(cut -d ' ' -f 2 $(OUT)/lengths.txt) * $$(head -n 1 $(OUT)/train.csv | tr , '\n' | wc -l))); \
      net=$$n-$(WIDTH)-$(LATENT)-$(WIDTH)-$$n

# The programs of each part of series.sh.
TRAINS = $(HERE)/../series.sh ae-normalize ae-transform ae-window ae-train
SCORES = $(HERE)/../series.sh ae-normalize ae-transform ae-window ae-recon ae-err ae-smooth
ROW    = $(HERE)/../series.sh ae-metrics

$(OUT)/seed-%.aem: $(OUT)/train.aes $(OUT)/lengths.txt \
		$(call SETS,SCALE WIDTH LATENT EPOCHS BATCH FIT) $(TRAINS)
	rm -f $@.ckpt
	$(NET); $(SERIES_SH) train $(OUT)/lengths.txt $< --net $$net --epochs $(EPOCHS) --batch $(BATCH) $(FIT) --seed $* -m $@

# The floors: the mean window, and principal components of the windows, as many as the network's latent has.
$(OUT)/pca-%.aem: $(OUT)/train.aes $(OUT)/lengths.txt $(OUT)/SCALE.set $(TRAINS)
	$(SERIES_SH) train $(OUT)/lengths.txt $< --net pca:$* -m $@

$(OUT)/%.err.aes: $(OUT)/%.aem $(OUT)/all.aes $(OUT)/METRIC.set $(SCORES)
	$(SERIES_SH) score $(OUT)/lengths.txt $(OUT)/all.aes $< $(METRIC) $(TO)

$(OUT)/seed-%.txt: $(OUT)/seed-%.err.aes $(ROW)
	$(SERIES_SH) row $* $< --where part=test $(TO)

$(OUT)/t2q-%.err.aes: $(OUT)/seed-%.aem $(OUT)/all.aes $(SCORES)
	$(SERIES_SH) score $(OUT)/lengths.txt $(OUT)/all.aes $< t2q $(TO)

$(OUT)/t2q-%.txt: $(OUT)/t2q-%.err.aes $(ROW)
	$(SERIES_SH) row $* $< --where part=test $(TO)

# Rows alone, unprepared: the distance to the mean row, and to as many components.
$(OUT)/row-%.aem: $(OUT)/train.aes $(OUT)/SCALE.set ae-normalize ae-train
	ae-normalize -q --fit $(SCALE) $< | ae-train -q --net pca:$* -m $@

$(OUT)/row-%.err.aes: $(OUT)/row-%.aem $(OUT)/all.aes ae-normalize ae-recon ae-err
	ae-normalize -m $< $(OUT)/all.aes | ae-recon -m $< | ae-err --metric mse $(AS)

$(OUT)/chance.err.aes: $(OUT)/all.aes $(HERE)/../series.sh ae-cat
	$(SERIES_SH) chance $< $(TO)

$(OUT)/floors.txt: $(OUT)/pca-0.err.aes $(OUT)/pca-$(LATENT).err.aes $(OUT)/row-0.err.aes $(ROW_PCA:%=$(OUT)/row-%.err.aes) \
		$(OUT)/chance.err.aes $(OUT)/LATENT.set $(if $(ROW_PCA),$(OUT)/ROW_PCA.set) $(ROW)
	for floor in $(filter %.err.aes,$^); do \
		case $$floor in \
		*/pca-0.*) name='mean window' ;; \
		*/pca-*) name='PCA of windows, $(LATENT) components' ;; \
		*/row-0.*) name='a row alone: mean row' ;; \
		*/row-*) name="a row alone: PCA, $(ROW_PCA) components" ;; \
		*) name='random score' ;; \
		esac; \
		$(SERIES_SH) row "$$name" $$floor --where part=test; \
	done $(TO)
