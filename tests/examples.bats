#!/usr/bin/env bats
# examples/ecg: the heartbeat experiment as files and rules.
load helpers

# The experiment in a folder of the test's own, on fewer beats than it has by default.
setup() {
	helpers_setup
	mkdir ecg
	find "$ROOT/examples/ecg" -maxdepth 1 -type f -exec cp {} ecg \;
}

experiment() {
	make --no-print-directory -C ecg AE="$AE_BUILD" HEARTBEATS='-n 800 -s 2' SEEDS='0 1' FIT='--loss mae --epochs 5 --batch 64' \
		"$@"
}

@test "examples/ecg: make runs on generated beats and ends in the measures of the test rows" {
	experiment >out.txt 2>err.txt
	sed -n '/^Threshold:/,$p' out.txt >table.txt
	grep -qE '^Threshold: 0\.[0-9]+ sigma:1 mae [0-9]+ rows, label 1: [0-9]+$' table.txt
	grep -qE '^rows +160$' table.txt
	grep -qE '^no verdict +0$' table.txt
	grep -qE '^accuracy +0\.[0-9]{4}$' table.txt
	awk '$1 == "ROC-AUC" && $2 ~ /^0/ { found = $2 > 0.7 } END { exit !found }' table.txt
	[ -s ecg/out/heartbeats/seed-0/test.verdicts.csv ]
	[ "$(wc -l <ecg/out/heartbeats/seed-0/test.verdicts.csv)" -eq 161 ]
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

@test "bench/ecg.sh: says what it lacks, or prints both ratios" {
	RUNS=1 PYTHON=/no/python "$BASH" "$ROOT/bench/ecg.sh" >out.txt
	grep -q '^bench/ecg.sh: skipped: /no/python has no torch' out.txt
}
