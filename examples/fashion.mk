# SPDX-License-Identifier: MIT
# Fashion-MNIST as streams of bytes: OUT/train.aes, and OUT/test.aes with numbers and labels; the first ROWS of each.
NAMES = $(HERE)/../fashion-names.csv

$(OUT)/train.aes: $(FASHION)/train-images-idx3-ubyte.gz $(OUT)/FASHION.set $(OUT)/ROWS.set ae-cat
	ae-cat --head $(ROWS) <(zcat $<) $(AS)

$(OUT)/test.aes: $(FASHION)/t10k-images-idx3-ubyte.gz $(FASHION)/t10k-labels-idx1-ubyte.gz \
		$(OUT)/FASHION.set $(OUT)/ROWS.set ae-cat
	ae-cat --number --label-file <(zcat $(word 2,$^)) --head $(ROWS) <(zcat $<) $(AS)

$(FASHION)/%.gz:
	@echo >&2 '$@ is not there: apt-get install dataset-fashion-mnist, or say FASHION=FOLDER'; exit 1
