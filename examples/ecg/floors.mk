# SPDX-License-Identifier: MIT
# Floors of experiments with heartbeats, from OUT/train.aes and OUT/test.aes: what the mean beat, eight principal components
# and a random score reach. Models are of --net pca:K, on the normal beats.
PCA = 0 8

$(OUT)/pca-%.aem: $(OUT)/train.aes ae-cat ae-normalize ae-train
	ae-cat --where label=1 $< | ae-normalize --fit standard --per tensor | ae-train -q --net pca:$* -m $@

$(OUT)/floors.txt: $(PCA:%=$(OUT)/pca-%.aem) $(OUT)/test.aes ae-cat ae-normalize ae-recon ae-err ae-metrics
	{ for k in $(PCA); do \
		ae-normalize -m $(OUT)/pca-$$k.aem $(OUT)/test.aes | ae-recon -m $(OUT)/pca-$$k.aem | ae-err | ae-metrics --normal 1 | \
			awk -v name="$$([ $$k -gt 0 ] && echo "--net pca:$$k" || echo "the mean beat, --net pca:0")" \
				'/^ROC-AUC/ { printf "%-32s %s\n", name, $$2 }'; \
	done; \
	ae-cat -c --cols label $(OUT)/test.aes | awk 'BEGIN { srand(1) } { print (NR == 1 ? "err" : rand()) "," $$0 }' | \
		ae-metrics --normal 1 | awk '/^ROC-AUC/ { printf "%-32s %s\n", "a random score", $$2 }'; } $(TO)
