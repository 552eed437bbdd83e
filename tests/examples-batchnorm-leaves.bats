#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# examples/ecg-batchnorm and examples/leaves, small: what they make and what they print.
load helpers
load photos

# The examples in a folder of the test's own.
setup() {
	helpers_setup
	local file
	cd "$ROOT/examples" || return
	for file in *.mk *.awk ecg/heartbeats.c ecg/beats.mk ecg/floors.mk ecg-batchnorm/*.* ecg-batchnorm/Makefile leaves/Makefile leaves/blocks.mk; do
		[ -f "$file" ] || continue
		mkdir -p "$BATS_TEST_TMPDIR/$(dirname "$file")"
		cp "$file" "$BATS_TEST_TMPDIR/$file"
	done
	cd "$BATS_TEST_TMPDIR" || return
}

beats() {
	make --no-print-directory -C ecg-batchnorm AE="$AE_BUILD" HEARTBEATS='-n 800 -s 2' SEEDS='0 1' RANGE=0,1 \
		FIT='--loss mae --epochs 20 --batch 32 --patience 20' "$@"
}

leaves() {
	small_leaves leaves "$BATS_TEST_TMPDIR/photos" "$@"
}

# are_png FOLDER NAME...: these pictures are in the folder, or gnuplot is not there and the output says so.
are_png() {
	local name
	if ! command -v gnuplot >/dev/null; then
		grep -qx 'No pictures: gnuplot is not installed (apt-get install gnuplot-nox)' out.txt
		return
	fi
	for name in "${@:2}"; do
		[ "$(head -c 4 "$1/$name.png" | od -An -tx1)" = ' 89 50 4e 47' ] || return
	done
}

@test "examples/ecg-batchnorm: make ends in the measures of the test rows, and pictures" {
	beats >out.txt 2>err.txt
	grep -qE '^Threshold: 0\.[0-9]+ iqr:1\.5 rmse [0-9]+ rows, label 1: [0-9]+$' out.txt
	grep -qE '^rows +160$' out.txt
	awk '$1 == "ROC-AUC" && $2 > 0.7 { found = 1 } END { exit !found }' out.txt
	grep -qE '^Best F1 of the normal beats, whatever the threshold: 0\.[0-9]{4}$' out.txt
	are_png ecg-batchnorm/out/heartbeats normal anomalous
	are_png ecg-batchnorm/out/heartbeats/seed-0 loss normal-recon anomalous-recon normal-errors anomalous-errors errors \
		confusion roc pr
	beats >out.txt 2>&1
	run -1 grep '^ae-' out.txt
}

@test "examples/ecg-batchnorm: make seeds prints a row a seed, the median and the lowest F1" {
	beats seeds >out.txt 2>err.txt
	sed -n '/^ *seed threshold/,$p' out.txt >table.txt
	for seed in 0 1 median; do
		grep -qE "^ *$seed( +[01]\.[0-9]+){7}\$" out.txt
	done
	[ "$(grep -c '^Lowest F1: ' out.txt)" -eq 1 ]
	# The lowest is that of a row, and no F1 is above the best one.
	awk '$1 ~ /^[01]$/ { if ($5 > $6) exit 1; if (low == "" || $5 < low) low = $5 }
		/^Lowest/ { found = $3 + 0 == low } END { exit !found }' out.txt
}

@test "examples/ecg-batchnorm: the best F1 is that of the best threshold" {
	printf '0.1,1\n0.2,1\n0.3,0\n0.4,1\n0.4,0\n0.5,0\n' >errors
	# Thresholds above 0.2, and above 0.4, give 4/5 and 6/8; ones between equal errors do not exist.
	[ "$(awk -F , -f ecg-batchnorm/best-f1.awk errors)" = 0.8000 ]
}

@test "examples/ecg-batchnorm: the threshold is of normal beats that were held out of the training" {
	beats table >out.txt 2>err.txt
	# What is held out is neither fitted nor anomalous.
	cd ecg-batchnorm/out/heartbeats
	[ "$(($(ae-info --count fit.aes) + $(ae-info --count held.aes)))" -eq "$(ae-info --count normals.aes)" ]
	[ "$(ae-cat -c --cols label held.aes | sort -u | tr '\n' ' ')" = '1 label ' ]
	[ "$(ae-cat --cols x -c fit.aes | sort - <(ae-cat --cols x -c held.aes) | uniq -d | wc -l)" -le 1 ] # the header
	grep -qE " rmse $(ae-info --count held.aes) rows, label 1: [0-9]+\$" seed-0/threshold.txt
}

@test "examples/ecg-batchnorm: ten seeds on the real beats reach F1 0.960 in the median, 0.93 in the lowest" {
	ecg_real
	make -s -C ecg-batchnorm AE="$AE_BUILD" ECG="$ECG" seeds >out.txt 2>err.txt
	cat out.txt
	awk '$1 == "median" { median = $5 } /^Lowest F1/ { lowest = $3 + 0 }
		END { exit !(median >= 0.960 && lowest >= 0.93) }' out.txt
}

@test "examples/leaves: make ends in the measures of both sets, and pictures" {
	photos 40 8 4
	leaves >out.txt 2>err.txt
	grep -qE '^Threshold: 0\.[0-9]+ quantile:0\.95 mse 33 rows, label healthy: 30, black_rot: 3$' out.txt
	grep -qE '^At or above the threshold: [0-3] of the 3 diseased$' out.txt
	[ "$(grep -E '^rows|^prevalence' out.txt | awk '{ print $2 }' | tr '\n' ' ')" = '33 0.0909 42 0.2857 ' ]
	are_png leaves/out/seed-0 worst diseased errors loss roc pr
	# The file names are the ids, every second black rot is in, and the network saw no label.
	ae-cat -c --cols id --where label=black_rot leaves/out/train.aes leaves/out/test.aes | sort | tr '\n' ' ' >ids
	grep -qx 'black_rot/0001 black_rot/0003 black_rot/0005 id ' ids
	run -1 grep 'ae-train: .*label' err.txt
	leaves >out.txt 2>&1
	run -1 grep '^ae-' out.txt
}

@test "examples/leaves: make seeds prints a row a seed and the medians" {
	photos 40 8 4
	leaves seeds >out.txt 2>err.txt
	for seed in 0 1 median; do
		grep -qE "^ *$seed( +0\.[0-9]+){2} +[0-3](\.5)?( +[01]\.[0-9]+){4}\$" out.txt
	done
}

@test "examples/leaves: make blocks splits in the order of the photos, and prints both colours beside floors" {
	photos 40 8 4
	# shellcheck disable=SC2016 # words of make
	leaves blocks SIZE=16x16 BLOCK_EPOCHS=2 BLOCK_SHARE=60 \
		BLOCK_NET='dense 8 | dense $(if $(findstring diff,$@),512,768), reshape 16x16x$(if $(findstring diff,$@),2,3)' \
		>out.txt 2>err.txt
	local color pca units
	for color in rgb diff; do
		grep -qxE "$color, a bottleneck of (16|32) units" out.txt
		# a bottleneck that explains the share of the variance, and half of it does not
		pca=leaves/out/blocks/$color/pca.aem units=$(cat "leaves/out/blocks/$color/latent.txt")
		ae-info "$pca" | grep -q "$units"
	done
	[ "$(grep -cE '^ *(0|1|median|mean|pca)( +[01](\.[0-9]+)?){3}$' out.txt)" -eq 10 ]
	grep -qE '^random score( +0\.[0-9]{4}){3}$' out.txt
	# What trains are the first healthy photos, and all others are judged.
	ae-cat -c --cols id,label leaves/out/blocks/diff/train.aes | tail -n 1 | grep -qx 'healthy/0030,healthy'
	[ "$(ae-info --count leaves/out/blocks/diff/train.aes)" -eq 30 ]
	ae-cat -c --cols id leaves/out/blocks/rgb/test.aes | sed -n '2p;$p' | xargs | grep -qx 'healthy/0031 cedar_rust/0004'
	ae-info leaves/out/blocks/diff/test.aes | grep -qE ' f32 +\[16,16,2\]$'
	# Its network follows the size.
	leaves -n blocks SIZE=64x32 >out.txt
	grep -qF 'latent.txt) | dense 2048, reshape 8x4x64, convt' out.txt
}

@test "examples/leaves: says what it lacks" {
	run leaves LEAVES=
	[ "$status" -eq 2 ]
	[[ $output == *'LEAVES=: no folder that holds healthy/'* ]]
	run leaves LEAVES=/no/photos clean
	[ "$status" -eq 0 ]
	mkdir -p photos/healthy bin
	ln -s /usr/bin/* bin
	rm -f bin/djpeg
	PATH=$PWD/bin run leaves
	[ "$status" -eq 2 ]
	[[ $output == *'djpeg is not here: apt-get install libjpeg-turbo-progs'* ]]
}

@test "examples/leaves: real photos go through" {
	local data=${AE_DATA:-$BATS_TEST_DIRNAME/../../shared/data}/apple_leaves kind
	command -v djpeg >/dev/null || skip 'no djpeg (Debian: libjpeg-turbo-progs)'
	[ -d "$data/healthy" ] || skip "no apple_leaves in ${AE_DATA:-the data folder} (AE_DATA)"
	for kind in healthy black_rot cedar_rust; do
		mkdir -p "photos/$kind"
		find "$data/$kind/" -name '*1.jpg' | sort | sed -n '1,6p' | xargs -I{} cp {} "photos/$kind"
	done
	leaves table HEALTHY=6 EPOCHS=1 >out.txt 2>err.txt \
		NET='conv 4 3x3/2 relu, dense 4 | dense 4096, reshape 32x32x4, upsample, upsample, upsample, conv 3 3x3 sigmoid'
	[ "$(grep -E '^rows' out.txt | awk '{ print $2 }' | tr '\n' ' ')" = '9 18 ' ]
	ae-info leaves/out/train.aes | grep -qE ' u8 +\[256,256,3\]$'
}
