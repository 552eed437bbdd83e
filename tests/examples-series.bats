#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# examples/smd, examples/skab and examples/nab, small: on the real data where it is there, and on made-up data.
load helpers

setup() {
	helpers_setup
	local name
	cp "$ROOT"/examples/*.* .
	for name in smd skab nab; do
		mkdir $name
		cp "$ROOT/examples/$name/Makefile" $name
	done
	DATA=${AE_DATA:-$ROOT/../shared/data}
}

# example NAME [ARGUMENT...]: makes it in a folder of the test's own; out.txt is what it prints.
example() {
	make --no-print-directory -C "$1" AE="$AE_BUILD" "${@:2}" >out.txt 2>err.txt
}

# data FOLDER: the folder of the real data, or skips the test.
data() {
	[ -d "$DATA/$1" ] || skip "no $1 in ${AE_DATA:-the data folder} (AE_DATA)"
	printf '%s\n' "$DATA/$1"
}

# cell NAME COLUMN: the cell of the line that begins with NAME, counted from behind.
cell() {
	awk -v name="$1" -v column="$2" 'index($0, name) == 1 { print $(NF - column + 1) }' out.txt
}

at_least() {
	awk -v got="$1" -v wanted="$2" 'BEGIN { exit !(got + 0 >= wanted + 0) }'
}

@test "examples: lengths follow from the autocorrelation of the training rows" {
	cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O2 -o lengths lengths.c -lm
	# White noise resembles nothing; what moves slowly does, and gives a baseline where there are rows enough.
	awk 'BEGIN { srand(1); print "a,b"; for (i = 0; i < 900; i++) print rand() "," rand() }' | ./lengths >out.txt
	[ "$(cat out.txt)" = '1 10 20 0' ]
	awk 'BEGIN { srand(1); print "a,b"; for (i = 0; i < 9000; i++) print v = v * 0.96 + rand() - 0.5, "," 7 }' | tr -d ' ' >slow.csv
	./lengths <slow.csv >out.txt
	/usr/bin/python3 - <<-'END' >expected.txt || skip 'no NumPy'
		import numpy as np
		x = np.loadtxt("slow.csv", delimiter=",", skiprows=1)[:, 0]
		x = x - x.mean()
		acf = np.array([x[: len(x) - lag] @ x[lag:] for lag in range(300)]) / (x @ x)
		length, baseline = (int(np.flatnonzero(acf < limit)[0]) for limit in (np.exp(-1), np.exp(-2)))
		print(length, length, max(20, length if length > 200 else 0), baseline)
	END
	cat out.txt expected.txt
	cmp out.txt expected.txt
	# In other units, and far from 0.
	awk -F, -v OFS=, 'NR > 1 { $1 *= 1e-9; $2 /= 3 } { print }' CONVFMT=%.17g OFMT=%.17g slow.csv | ./lengths | cmp - out.txt
	awk -F, -v OFS=, 'NR > 1 { $1 += 1e6; $2 += 0.1 } { print }' CONVFMT=%.17g OFMT=%.17g slow.csv | ./lengths | cmp - out.txt
	head -n 500 slow.csv | ./lengths | grep -q ' 0$'
	seq -s , 50 | sed 'p;p;p' | ./lengths | grep -qE '^[0-9]+ 8 |^[0-9]+ 10 '
	run ./lengths < <(printf 'a,b\n1,x\n')
	[ "$status" -eq 1 ]
	[[ $output == 'lengths: row 1: not 2 numbers' ]]
}

@test "examples: smd, skab and nab say what they lack" {
	local name
	for name in smd skab nab; do
		run example $name DATA=/no/such
		[ "$status" -eq 2 ]
		grep -qE "DATA=/no/such: no .* there, seen from .*Say DATA=/path/to/" err.txt
		example $name DATA=/no/such clean
	done
}

@test "examples/smd: a table beside its floors" {
	local smd
	smd=$(data smd)
	example smd DATA="$smd" TRAIN=3000 SEEDS='0 1' FIT='--act elu --epochs 1 --batch 64'
	grep -qE '^Rows resemble each other over [0-9]+: windows of 10 rows, scores smoothed over [0-9]+, baseline of [0-9]+ rows$' out.txt
	[ "$(grep -cE '^median( +[01]\.[0-9]+){3}$' out.txt)" -eq 2 ]
	[ "$(grep -c 'ae-err --metric t2q$' out.txt)" -eq 1 ]
	[ "$(grep -cE '^(mean window|PCA of windows|a row alone: mean row|a row alone: PCA|random score).*( +[01]\.[0-9]{4}){3}$' out.txt)" -eq 5 ]
	example smd DATA="$smd" TRAIN=3000 SEEDS='0 1' FIT='--act elu --epochs 1 --batch 64'
	run -1 grep -E '^ae-|series.sh' out.txt
}

@test "examples/skab: the network and PCA of windows beat the floors, and every row flagged" {
	local skab
	skab=$(data skab_valve1)
	example skab DATA="$skab" RUNS='0 1' SEEDS=0 FIT='--hidden-act linear --epochs 20 --batch 16 --lr 0.003'
	grep -qE '^median( +[01]\.[0-9]+){4}$' out.txt
	at_least "$(cell 'PCA of windows, 8 components' 4)" 0.7
	at_least "$(cell 'PCA of windows, 8 components' 4)" "$(cell 'a row alone: mean row' 4)"
	[ "$(cell 'every row flagged' 2)" = 1.0000 ]
	[ "$(ae-metrics --missing mask --anomaly 1 --pass part --by run skab/out/pca-8.csv | grep -cE '^[01] ')" -eq 2 ]
}

@test "examples/nab: the distance to the mean window sees level and shape" {
	local nab
	nab=$(data nab)
	example nab DATA="$nab" SEEDS=0 FIT='--act elu --epochs 1 --batch 64'
	grep -q '^Rows resemble each other over 194: windows of 194 rows' out.txt
	[ "$(ae-metrics --anomaly 1 --where part=train nab/out/*/row-0.err.aes | awk '/^rows/ { print $2 }')" -eq 3404 ]
	at_least "$(cell 'mean window' 3)" 0.89
	at_least "$(cell 'mean window' 2)" 0.64
	at_least "$(cell 'mean window' 1)" 0.63
	at_least "$(cell 'a row alone: mean row' 2)" 0.62
}
