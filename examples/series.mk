# SPDX-License-Identifier: MIT
# What the examples of one long series share. An example makes OUT/train.csv, values alone, and OUT/all.aes, all rows with
# columns label and part (train or test), and sets SCALE, WIDTH, LATENT, FIT, METRIC, SEEDS, and NEEDS, a file of DATA.
SERIES_SH = SCALE=$(SCALE) $(HERE)/../series.sh

ifneq ($(MAKECMDGOALS),clean)
ifneq ($(words $(wildcard $(DATA)/$(NEEDS))),1)
$(error DATA=$(DATA): no $(NEEDS) there, seen from $(CURDIR). Say DATA=/path/to/$(notdir $(HERE)))
endif
endif

table: $(SEEDS:%=$(OUT)/seed-%.txt) $(SEEDS:%=$(OUT)/t2q-%.txt) $(OUT)/floors.txt $(OUT)/lengths.txt
	@read length window smoothing baseline < $(OUT)/lengths.txt; \
	printf '\nRows resemble each other over %d: windows of %d rows, scores smoothed over %d, baseline of %d rows\n' \
		$$length $$window $$smoothing $$baseline
	@printf '\nTest rows, one by one: no point adjustment; best F1 is that of the best threshold\n'
	@{ echo seed ROC-AUC PR-AUC best-F1; cat $(SEEDS:%=$(OUT)/seed-%.txt); } | awk -f $(HERE)/../median.awk
	@printf '\nThe same networks, scored by distance in the latent and reconstruction together: ae-err --metric t2q\n'
	@{ echo seed ROC-AUC PR-AUC best-F1; cat $(SEEDS:%=$(OUT)/t2q-%.txt); } | awk -f $(HERE)/../median.awk
	@printf '\nFloors%27s ROC-AUC  PR-AUC best F1\n' ''; cat $(OUT)/floors.txt

$(OUT)/lengths: $(HERE)/../lengths.c | $(OUT)
	$(CC) -std=c11 -D_GNU_SOURCE -O2 -ffp-contract=off -o $@ $< -lm

$(OUT)/lengths.txt: $(OUT)/train.csv $(OUT)/lengths
	$(OUT)/lengths < $< > $@

$(OUT)/train.aes: $(OUT)/all.aes
	ae-cat --where part=train -o $@ $<

NET = n=$$(($$(cut -d ' ' -f 2 $(OUT)/lengths.txt) * $$(head -n 1 $(OUT)/train.csv | tr , '\n' | wc -l))); \
      net=$$n-$(WIDTH)-$(LATENT)-$(WIDTH)-$$n

$(OUT)/seed-%.aem: $(OUT)/train.aes $(OUT)/lengths.txt $(OUT)/SCALE.set $(OUT)/WIDTH.set $(OUT)/LATENT.set $(OUT)/FIT.set
	$(NET); $(SERIES_SH) train $(OUT)/lengths.txt $< --net $$net $(FIT) --seed $* -m $@

# The floors: the mean window, and principal components of the windows, as many as the network's latent has.
$(OUT)/pca-%.aem: $(OUT)/train.aes $(OUT)/lengths.txt $(OUT)/SCALE.set
	$(SERIES_SH) train $(OUT)/lengths.txt $< --net pca:$* -m $@

$(OUT)/%.err.aes: $(OUT)/%.aem $(OUT)/all.aes $(OUT)/METRIC.set
	$(SERIES_SH) score $(OUT)/lengths.txt $(OUT)/all.aes $< $(METRIC) > $@

$(OUT)/seed-%.txt: $(OUT)/seed-%.err.aes
	$(SERIES_SH) row $* $< --where part=test > $@

$(OUT)/t2q-%.err.aes: $(OUT)/seed-%.aem $(OUT)/all.aes
	$(SERIES_SH) score $(OUT)/lengths.txt $(OUT)/all.aes $< t2q > $@

$(OUT)/t2q-%.txt: $(OUT)/t2q-%.err.aes
	$(SERIES_SH) row $* $< --where part=test > $@

# Rows alone, unprepared: the distance to the mean row, and to as many components.
$(OUT)/row-%.aem: $(OUT)/train.aes $(OUT)/SCALE.set
	ae-normalize -q --fit $(SCALE) $< | ae-train -q --net pca:$* -m $@

$(OUT)/row-%.err.aes: $(OUT)/row-%.aem $(OUT)/all.aes
	ae-normalize -m $< $(OUT)/all.aes | ae-recon -m $< | ae-err --metric mse -o $@

$(OUT)/chance.err.aes: $(OUT)/all.aes
	$(SERIES_SH) chance $< > $@

$(OUT)/floors.txt: $(OUT)/pca-0.err.aes $(OUT)/pca-$(LATENT).err.aes $(OUT)/row-0.err.aes $(ROW_PCA:%=$(OUT)/row-%.err.aes) \
		$(OUT)/chance.err.aes
	for floor in $^; do \
		case $$floor in \
		*/pca-0.*) name='mean window' ;; \
		*/pca-*) name='PCA of windows, $(LATENT) components' ;; \
		*/row-0.*) name='a row alone: mean row' ;; \
		*/row-*) name="a row alone: PCA, $(ROW_PCA) components" ;; \
		*) name='random score' ;; \
		esac; \
		$(SERIES_SH) row "$$name" $$floor --where part=test; \
	done > $@
