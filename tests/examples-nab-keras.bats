#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# examples/nab-keras, small: what it makes and prints, and its verdicts against Keras's loop.
load helpers

# The example in a folder of the test's own: four days, windows of four hours.
setup() {
	helpers_setup
	mkdir nab-keras
	cp "$ROOT/examples/experiment.mk" .
	find "$ROOT/examples/nab-keras" -maxdepth 1 -type f -exec cp {} nab-keras \;
}

EVENT='2014-04-03 09:00:00,2014-04-03 17:55:00'

example() {
	make --no-print-directory -C nab-keras AE="$AE_BUILD" DAYS=4 JUMP_DAY=3 EVENT="$EVENT" WINDOW=48 \
		FIT='--loss mse --epochs 4 --batch 32 --lr 0.003 --valid 0.1 --patience 5' "$@"
}

# keras_instants ERR.csv W: the instants that the example on keras.io flags: from, to and how many.
keras_instants() {
	/usr/bin/python3 - "$@" <<'END'
import csv, sys
import numpy as np
rows, w = list(csv.DictReader(open(sys.argv[1]))), int(sys.argv[2])
anomalies = np.array([r["pred"] == "1" for r in rows])  # of the windows that begin 0, 1, ...
times = [None] * (w - 1) + [r["timestamp"] for r in rows]
n = len(times)
found = [i for i in range(w - 1, n - w + 1) if np.all(anomalies[i - w + 1:i])]
print(len(found), times[found[0]], times[found[-1]])
END
}

@test "examples/nab-keras: the network of Keras, its threshold, the windows and instants that it flags, floors" {
	example >out.txt 2>err.txt
	cd nab-keras/out/daily
	[ "$(wc -l <train.csv)" -eq 1153 ]
	[ "$(sed -n 's/^.*\[[0-9]*,[0-9]*\] *\([0-9]*\)$/\1/p' ../../../out.txt | xargs)" = '256 0 3600 1808 0 3616 225' ]
	# of the training windows, the one whose error is the threshold
	[ "$(grep -cE '^training ' ../../../out.txt)" -eq 1 ]
	grep -qE '^training  2014-04-0[1-4] [0-9:]*  2014-04-0[1-4] [0-9:]* +1  0\.[0-9]{4}$' ../../../out.txt
	[ "$(ae-cat -c --cols err seed-0/train.err.aes | tail -n +2 | sort -g | tail -n 1)" = "$(cut -d' ' -f1 seed-0/threshold.txt)" ]
	# every window of the jump is found, and few others
	awk '/^this network/ { split($0, f); found = $4 >= 150 && $6 == 155 && $7 < 60 && $9 == 950 } END { exit !found }' ../../../out.txt ||
		{ cat ../../../out.txt; false; }
	[ "$(grep -cE '^(this network|pca:0|pca:8|random) ' ../../../out.txt)" -eq 4 ]
}

@test "examples/nab-keras: instants all of whose windows are flagged are those of Keras's loop" {
	/usr/bin/python3 -c 'import numpy' 2>/dev/null || skip 'no NumPy'
	example >out.txt 2>err.txt
	read -r count first <<<"$(keras_instants nab-keras/out/daily/seed-0/test.csv 48)"
	[ "$(grep -c '^test .*instants' out.txt)" -eq 1 ]
	[ "$(sed -n 's/^test .*flagged: \([0-9]*\), from \(.*\) to \(.*\)$/\1 \2 \3/p' out.txt)" = "$count $first" ]
}

@test "examples/nab-keras: a second make makes nothing, and files of one's own are taken" {
	example >/dev/null 2>&1
	example >again.txt 2>&1
	run grep -E '^(ae|awk)' again.txt
	[ "$status" -eq 1 ]
	cp nab-keras/out/daily/train.csv a.csv
	cp nab-keras/out/daily/test.csv b.csv
	example NORMAL="$PWD/a.csv" JUMP="$PWD/b.csv" >own.txt 2>&1
	diff <(sed -n '/^Threshold/,$p' again.txt) <(sed -n '/^Threshold/,$p' own.txt)
	run example NORMAL="$PWD/a.csv" JUMP=/nowhere/b.csv
	[ "$status" -ne 0 ]
	[[ $output == *'both must name a file'* ]]
}
