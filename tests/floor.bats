#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The linear floor: with --act linear a network finds what principal component analysis finds, the least that a network
# with bends in it has to beat. expected/floor.csv holds the rows and scikit-learn's numbers, floor.py says how.
load helpers
load scoring

setup() {
	helpers_setup
	ae-cat --x s1,s2,s3,s4,s5,s6,s7,s8 -o all.aes "$ROOT/tests/expected/floor.csv"
	ae-cat --where train=1 --where label=1 -o train.aes all.aes
	ae-cat --where train=0 -o test.aes all.aes
	ae-normalize --fit standard --per tensor train.aes |
		ae-train -q --net 8-3-8 --act linear --batch 512 --lr 0.01 --epochs 2000 -m linear.aem
}

# errors FILE: mean squared errors in original units, as AEST
errors() {
	ae-normalize -m linear.aem "$1" | ae-recon -m linear.aem | ae-normalize --invert | ae-err --metric mse
}

expected() {
	sed "s/.*\"$1\": \([0-9.]*\).*/\1/" "$ROOT/tests/expected/floor.json"
}

@test "floor: a linear network's error of every row is that of scikit-learn's PCA" {
	errors all.aes | ae-cat -c --cols pca,err | awk -F, '
		NR > 1 { gap = $1 - $2; if (gap > 1e-4 || gap < -1e-4) { print NR ": " $0; exit 1 } }
		END { exit NR != 401 }'
}

@test "floor: the training error is PCA's, which no linear network goes below" {
	errors train.aes | ae-cat -c --cols err | awk -F, -v least="$(expected train_mse)" '
		NR > 1 { sum += $1 }
		END { mean = sum / (NR - 1); print mean, least; exit !(mean > least - 1e-7 && mean < least * 1.001) }'
}

@test "floor: ROC-AUC is PCA's within 0.005" {
	errors test.aes | ae-metrics --normal 1 | awk -v wanted="$(expected roc_auc)" '
		$1 == "ROC-AUC" { print $2, wanted; found = 1; gap = $2 - wanted }
		END { exit !(found && gap < 0.005 && gap > -0.005) }'
}

@test "floor: the subspace is PCA's: what lies in it comes back, whatever its size" {
	# reconstructions lie in the subspace, and so do their mirror images through the centre
	ae-normalize -m linear.aem test.aes | ae-recon -m linear.aem | ae-cat -c --cols recon >in.csv
	sed '1s/recon\.//g' in.csv >once.csv
	ae-recon --scaled -m linear.aem once.csv | ae-err --metric max -c | awk -F, 'NR > 1 && $NF > 1e-3 { print; exit 1 }'
	ae-normalize -m linear.aem test.aes | ae-encode -m linear.aem | ae-info | grep -qE ' latent +latent +f32 +\[3\]$'
}

@test "floor: a network with a bend is not bound to it" {
	ae-normalize --fit standard --per tensor train.aes |
		ae-train -q --net 8-3-8 --act relu --batch 512 --lr 0.01 --epochs 50 -m bent.aem
	ae-normalize -m linear.aem test.aes | ae-recon -m linear.aem -o one.aes
	ae-normalize -m bent.aem test.aes | ae-recon -m bent.aem -o two.aes
	run -1 cmp -s one.aes two.aes
}

@test "floor: examples/ecg prints the linear floor beside the network, and PCA's where scikit-learn is" {
	local linear pca
	cp -r "$ROOT/examples/ecg" "$ROOT/examples/experiment.mk" .
	rm -rf ecg/out
	# Debian's python3 has scikit-learn, if any has
	PATH=$AE_BUILD:/usr/bin:$PATH make -s -C ecg AE="$AE_BUILD" >out.txt 2>err.txt
	grep -qE '^this network +[01]\.[0-9]+$' out.txt
	linear=$(sed -n 's/^linear network 140-8-140 *//p' out.txt)
	[[ $linear =~ ^[01]\.[0-9]+$ ]]
	/usr/bin/python3 -c 'import sklearn' 2>/dev/null || {
		grep -q '^scikit-learn PCA, 8 components *(python3-sklearn is not installed)$' out.txt
		skip 'no scikit-learn: nothing to compare the floor with'
	}
	pca=$(sed -n 's/^scikit-learn PCA, 8 components *//p' out.txt)
	awk -v a="$linear" -v b="$pca" 'BEGIN { print a, b; gap = a - b; exit !(gap <= 0.005 && gap >= -0.005) }'
}
