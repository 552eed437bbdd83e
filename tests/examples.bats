#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# examples/ecg: the heartbeat experiment as files and rules.
load helpers

# The experiment in a folder of the test's own, on fewer beats than it has by default.
setup() {
	helpers_setup
	mkdir ecg
	cp "$ROOT/examples/experiment.mk" .
	find "$ROOT/examples/ecg" -maxdepth 1 -type f -exec cp {} ecg \;
}

experiment() {
	make --no-print-directory -C ecg AE="$AE_BUILD" HEARTBEATS='-n 800 -s 2' SEEDS='0 1' FIT='--loss mae --epochs 5 --batch 64' \
		PYTHON=false "$@"
}

@test "examples/ecg: make runs on generated beats and ends in the measures of the test rows" {
	experiment PYTHON='python3 /usr/bin/python3' >out.txt 2>err.txt
	sed -n '/^Threshold:/,$p' out.txt >table.txt
	grep -qE '^scikit-learn PCA, 8 components +(0\.[0-9]{4}$|\(python3-sklearn is not installed)' table.txt
	local floor
	for floor in 'the mean beat, --net pca:0' '--net pca:8' 'a random score'; do
		grep -qE -- "^$floor +[01]\.[0-9]{4}$" table.txt
	done
	grep -qE '^Threshold: 0\.[0-9]+ sigma:1 mae [0-9]+ rows, label 1: [0-9]+$' table.txt
	grep -qE '^rows +160$' table.txt
	grep -qE '^no verdict +0$' table.txt
	grep -qE '^accuracy +0\.[0-9]{4}$' table.txt
	awk '$1 == "ROC-AUC" && $2 ~ /^0/ { found = $2 > 0.7 } END { exit !found }' table.txt
	[ "$(ae-info --count ecg/out/heartbeats/seed-0/test.verdicts.aes)" -eq 160 ]
}

@test "examples/ecg: a second make makes nothing, another setting only what depends on it" {
	experiment >/dev/null 2>&1
	cp -r ecg/out first
	experiment >out.txt 2>&1
	run grep '^ae-' out.txt
	[ "$status" -eq 1 ]
	experiment THRESHOLD=quantile:0.9 >out.txt 2>&1
	run grep -c '^ae-train' out.txt
	[ "$output" = 0 ]
	grep -q '^Threshold: 0\.[0-9]* quantile:0.9 ' out.txt
	experiment >out.txt 2>&1
	diff -r ecg/out/heartbeats/seed-0 first/heartbeats/seed-0
}

@test "examples/ecg: the same settings give the same files to the byte" {
	experiment >/dev/null 2>&1
	mv ecg/out first
	experiment >/dev/null 2>&1
	rm -f ecg/out/heartbeats/generate first/heartbeats/generate
	diff -r ecg/out first
}

@test "examples/ecg: make seeds prints a row a seed, the mean, and what it meets" {
	experiment seeds >out.txt 2>/dev/null
	sed -n '/^seed threshold/,$p' out.txt >table.txt
	grep -qE '^ +0 +0\.[0-9]+ +0\.[0-9]+ \|( +[01]\.[0-9]+){4} \|( +[01]\.[0-9]+){4}$' table.txt
	grep -qE '^ +1 +0\.[0-9]+ +0\.[0-9]+ \|( +[01]\.[0-9]+){4} \|( +[01]\.[0-9]+){4}$' table.txt
	grep -qE '^mean +0\.[0-9]+ +0\.[0-9]+ \|( +[01]\.[0-9]+){4} \|( +[01]\.[0-9]+){4}$' table.txt
	[ "$(grep -c 'mean .*, [0-2] of 2 seeds: ' table.txt)" -eq 9 ]
	[ "$(sed -n 2p table.txt | tr -s ' ')" != "$(sed -n 3p table.txt | tr -s ' ' | sed 's/^ 1/ 0/')" ]
}

@test "examples/ecg: ECG=FILE runs on other beats, gzipped or not" {
	ecg_synthetic 300 11 | gzip >beats.csv.gz
	experiment ECG="$PWD/beats.csv.gz" >out.txt 2>/dev/null
	grep -qE '^rows +60$' out.txt
	[ -s ecg/out/beats/seed-0/ecg.aem ]
	run experiment ECG=/no/such.csv
	[ "$status" -eq 2 ]
	[[ $output == *'/no/such.csv: no such file'* ]]
}

@test "examples/ecg: make compress and make denoise print bytes and errors" {
	experiment compress denoise >out.txt 2>/dev/null
	awk '/^the same, gzip alone/ { alone = $(NF - 1) } /^ae-encode \| gzip/ { coded = $(NF - 1) }
		END { exit !(coded > 0 && coded < alone / 2) }' out.txt
	awk '/^mean squared error, noisy/ { before = $NF } /^after ae-recon/ { after = $NF } END { exit !(after > 0 && after < before) }' out.txt
}

@test "examples/ecg: make clean leaves what was there before" {
	find ecg | sort >before
	experiment >/dev/null 2>&1
	experiment clean >/dev/null
	find ecg | sort | cmp - before
}

# fashion_example NAME [ARGUMENT...]: makes examples/NAME in a folder of the test's own, on the first 1000 images.
fashion_example() {
	local name=$1 data=/usr/share/datasets/fashion-mnist
	shift
	[ -e "$data/train-images-idx3-ubyte.gz" ] || skip 'dataset-fashion-mnist is not installed'
	copy_example "$name"
	make --no-print-directory -C "$name" AE="$AE_BUILD" ROWS=1000 FIT='--epochs 2' SEEDS='0 1' "$@"
}

copy_example() {
	find "$ROOT/examples" -maxdepth 1 -type f -exec cp -p {} . \;
	mkdir -p "$1"
	find "$ROOT/examples/$1" -maxdepth 1 -type f -exec cp -p {} "$1" \;
}

# pictures_drawn NAME COUNT: out.txt ends in the names of so many PNG files in folder NAME, or says what is missing.
pictures_drawn() {
	local file
	if ! command -v gnuplot >/dev/null; then
		grep -q '^No pictures: .*apt-get install gnuplot-nox' out.txt
		skip 'gnuplot is not installed: no pictures'
	fi
	sed '1,/^Pictures$/d' out.txt >pictures.txt
	[ "$(wc -l <pictures.txt)" -eq "$2" ]
	while read -r file; do
		[ "$(head -c 8 "$1/$file" | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]
	done <pictures.txt
}

@test "examples/fashion-compress: errors of each seed, their median, the floor, bytes and pictures" {
	fashion_example fashion-compress >out.txt 2>err.txt
	grep -qE '^encoder +dense 64 relu +\[64\] +50240$' out.txt
	grep -qE '^decoder +dense 784 sigmoid +\[784\] +50960$' out.txt
	awk '$1 == "seed" { inside = 1; next }
		inside && /^ *[01] / { runs++; sum += $3 }
		$1 == "median" { exit !(runs == 2 && $3 > 0 && ($3 - sum / 2) ^ 2 < 1e-9) }' out.txt
	grep -qE '^mean image, --net pca:0 +0\.08[0-9]{3}$' out.txt
	[ "$(awk '/^--net pca:64/ { print $NF }' out.txt)" = 0.01116 ]
	# The test images are not what settings may be chosen on.
	grep -qE '^ *seed +training +validation +test$' out.txt
	run -1 grep -E 'ae-train.*test' err.txt out.txt
	grep -qE '^scikit-learn PCA, 64 components +(0\.01[0-9]{3}$|\(python3-sklearn is not installed)' out.txt
	awk '/^as they are/ { raw = $(NF - 1) } /^gzip alone/ { alone = $(NF - 1) } /^ae-encode \| gzip/ { coded = $(NF - 1) }
		END { exit !(coded > 0 && coded < alone && alone < raw) }' out.txt
	# what comes back from the codes is what training measured
	[ "$(awk '/^zcat . ae-decode  / { print $4 }' out.txt)" = "$(awk '$1 == 0 && NF == 4 { print $4 }' out.txt)" ]
	fashion_example fashion-compress >again.txt 2>&1
	run grep -E '^ae-(train|plot|normalize) ' again.txt
	[ "$status" -eq 1 ]
	pictures_drawn fashion-compress 4
}

@test "examples/fashion-denoise: errors at both noises, before and after, and pictures" {
	local counts
	fashion_example fashion-denoise >out.txt 2>err.txt
	counts=$(sed -n 's/^.*\[[0-9,]*\] *\([0-9]*\)$/\1/p' out.txt | xargs)
	[ "$counts" = '160 1160 584 1168 145' ]
	grep -qE '^ +seed +noisy-0\.2 +training-0\.2 +validation-0\.2 +test-0\.2 +noisy-0\.3 +training-0\.3 +validation-0\.3 +test-0\.3$' out.txt
	grep -qE '^ +0( +0\.[0-9]{5}){8}$' out.txt
	grep -qE '^ +1( +0\.[0-9]{5}){8}$' out.txt
	awk '$1 == "median" { found = $2 > 0.0245 && $2 < 0.0265 && $6 > 0.0515 && $6 < 0.054 } END { exit !found }' out.txt
	fashion_example fashion-denoise >again.txt 2>&1
	run grep -E '^ae-(train|plot|normalize) ' again.txt
	[ "$status" -eq 1 ]
	pictures_drawn fashion-denoise 10
}

@test "examples/fashion: without gnuplot there is the table, and a line on what to install" {
	local bin=$PWD/bin
	mkdir bin
	ln -s /usr/bin/* bin
	rm -f bin/gnuplot*
	PATH=$bin fashion_example fashion-denoise SEEDS=0 SIGMAS=0.2 >out.txt 2>err.txt
	grep -qE '^median +0\.[0-9]+ ' out.txt
	[ "$(tail -n 1 out.txt)" = 'No pictures: gnuplot is not installed (apt-get install gnuplot-nox)' ]
}

@test "examples/fashion: without the data set there is a line on what to install, and nothing else" {
	local name
	for name in fashion-compress fashion-denoise; do
		copy_example "$name"
		run make --no-print-directory -C "$name" AE="$AE_BUILD" FASHION=/no/such
		[ "$status" -eq 2 ]
		[[ $output == *'/no/such/train-images-idx3-ubyte.gz is not there: apt-get install dataset-fashion-mnist'* ]]
		[ ! -e "$name/out/train.aes" ]
	done
}

@test "examples: the median of a column is the middle value, or the mean of two" {
	printf 'seed a\n0 0.3\n1 0.1\n2 10\n' | awk -f "$ROOT/examples/median.awk" | tail -n 1 | grep -q '^median  *0.3$'
	printf 'seed a\n0 0.3\n1 0.1\n' | awk -f "$ROOT/examples/median.awk" | tail -n 1 | grep -q '^median  *0.2$'
}

@test "examples/ecg: make better prints F1 and ROC-AUC of each split, and floors" {
	experiment better SPLITS='21 1 2' BETTER_SEEDS='0 5' BETTER_FIT='--loss mse --epochs 3 --batch 64 --ensemble 2' >out.txt 2>err.txt
	sed -n '/^split /,$p' out.txt >table.txt
	[ "$(head -n 1 table.txt | xargs)" = 'split seeds tutorial pca-0 pca-4 chance' ]
	for split in 21 1 2 others; do
		grep -qE "^$split( +[01]\.[0-9]{4} / [01]\.[0-9]{4}){5}" table.txt
	done
	# The last line is the median of the second and third.
	awk '$1 == 1 || $1 == 2 { sum += $2 } $1 == "others" { found = ($2 - sum / 2) ^ 2 < 1e-7 } END { exit !found }' table.txt
	experiment better SPLITS='21 1 2' BETTER_SEEDS='0 5' BETTER_FIT='--loss mse --epochs 3 --batch 64 --ensemble 2' >out.txt 2>&1
	run -1 grep '^ae-' out.txt
}

@test "examples/ecg: make folds prints each setting once, the best first, and reads no test row" {
	experiment folds FOLD_ACTS='elu tanh' FOLD_EPOCHS=2 FOLD_TRIMS='0 0.05' FOLD_SEEDS=3 >out.txt 2>err.txt
	sed '1,/^activation /d' out.txt >table.txt
	[ "$(awk '{ print $1, $2, $3 }' table.txt | sort | xargs)" = 'elu 2 0 elu 2 0.05 tanh 2 0 tanh 2 0.05' ]
	sort -k 4,4gr -c table.txt
	# Mean and standard error over the five folds; each training row is judged in one of them.
	cat ecg/out/heartbeats/fold-*/elu-2-0.05-3.row | awk '{ sum += $2; squares += $2 ^ 2 } END { mean = sum / NR
		printf "elu 2 0.05 %.5f %.5f\n", mean, sqrt((squares - sum * mean) / (NR - 1) / NR) }' >expected.txt
	grep '^elu .* 0\.05 ' table.txt | xargs | cmp - expected.txt
	for fold in 0 1 2 3 4; do
		ae-cat -c ecg/out/heartbeats/fold-$fold/test.aes | tail -n +2
		[ "$(ae-cat -c ecg/out/heartbeats/fold-$fold/t*.aes | tail -n +2 | sort | sha256sum)" = \
			"$(ae-cat -c ecg/out/heartbeats/train.aes | tail -n +2 | sort | sha256sum)" ]
	done | sort | cmp - <(ae-cat -c ecg/out/heartbeats/train.aes | tail -n +2 | sort)
	run -1 grep -F 'heartbeats/test.aes' <(grep -E '^(ae-normalize|ae-train)' out.txt)
}

@test "examples/ecg: make contaminated prints both shares, with and without --trim, and floors" {
	local options=(contaminated BETTER_SEEDS='0 1' BETTER_FIT='--loss mse --epochs 20 --batch 64 --lr 0.003')
	experiment "${options[@]}" >out.txt 2>err.txt
	sed -n '/^ROC-AUC of the test rows/,$p' out.txt >table.txt
	[ "$(grep -cE '^[15]% +(all rows teach|--trim 0\.2|pca-0|pca-4)( +[01]\.[0-9]{4}){3}$' table.txt)" -eq 8 ]
	# The median of two is their mean.
	awk '/^5% +all/ { found = ($5 - ($6 + $7) / 2) ^ 2 < 1e-7 && $6 < $7 } END { exit !found }' table.txt
	# Anomalies are 5% of the rows; the network that leaves out the worst rows sees more of those of the test.
	awk '/label/ { next } { n++; anomalous += $1 != 1 } END { share = anomalous / n; exit !(share > 0.045 && share <= 0.05) }' \
		<(ae-cat -c --cols label ecg/out/heartbeats/dirty-5/train.aes)
	awk '/^5% +all/ { all = $5 } /^5% +--trim/ { found = all > 0 && $4 > all } END { exit !found }' table.txt
	experiment "${options[@]}" >out.txt 2>&1
	run -1 grep '^ae-' out.txt
}
