#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-split: train/test split, row for row scikit-learn's.
load helpers
load scoring

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	numbered 100 >hundred.csv
	ae-cat -o hundred.aes hundred.csv
	F=$BATS_FILE_TMPDIR
	export F
}

# numbered N: rows with their number from 0 as id.
numbered() {
	echo id,a,b,label
	seq 0 $(($1 - 1)) | awk '{ print $1 "," $1 / 4 "," (0 - $1) "," $1 % 3 }'
}

# ids FILE: the ids of a stream, a line each.
ids() {
	ae-cat -c --cols id "$1" | sed 1d
}

digest_of_ids() {
	ids "$1" | sha256sum | cut -d' ' -f1
}

@test "ae-split: --help, --version, unknown options" {
	check_manners ae-split
}

@test "ae-split: what is wrong in the arguments alone is status 2" {
	expect_error 2 '--test-out FILE is required' ae-split "$F/hundred.csv"
	expect_error 2 '--test 2: expected a number from 0 to 1' ae-split --test 2 --test-out t "$F/hundred.csv"
	expect_error 2 '--test nan: expected a number *' ae-split --test nan --test-out t "$F/hundred.csv"
	expect_error 2 'a test part is a fraction above 0 and below 1' ae-split --test 0 --test-out t "$F/hundred.csv"
	expect_error 2 'a test part is a fraction above 0 and below 1' ae-split --test 1 --test-out t "$F/hundred.csv"
	expect_error 2 '--seed 4294967296: expected *' ae-split --seed 4294967296 --test-out t "$F/hundred.csv"
	expect_error 2 '--test-out -: is the output' ae-split --test-out - "$F/hundred.csv"
	expect_error 2 '--output t: is the file of --test-out' ae-split --test-out t -o t "$F/hundred.csv"
	[ ! -e t ]
}

@test "ae-split: the rows are scikit-learn's, in its order" {
	# the digests come from expected/split.py
	while read -r n fraction seed test train; do
		numbered "$n" | ae-split --test "$fraction" --seed "$seed" --test-out test.aes -o train.aes
		[ "$(digest_of_ids test.aes)" = "$test" ]
		[ "$(digest_of_ids train.aes)" = "$train" ]
	done <<-'END'
		2 0.5 0 4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865 9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa
		7 0.25 4294967295 ffdb2b471864a2f3bbb7753ece957f6e8f0915538d88a495ac6f28d2583c44f1 d48f5160f2209fbc43017d4489182a3cd36f5b330b4b13cd759da53385b5ea0b
		1000 0.1 42 86206b1c6f7133a70da2b46902df80dcb89422609d195e827ead6d4c08d65206 20aae7934496a54b0e72da530c2ff4c16cb147f1fe6c1399980435a82227b036
		4998 0.2 21 e25fbbd042806c5819b96985c12e5778f697d8a73ffc1cedad1bf00fb68ff1d0 9eec3e739aaedf547a7a04fe0a8d92fe5474f2a4f1061f65477b9580e3204b9a
		10007 0.333 7 33fd94141b15966f9212b09ba6ff6f498801437b35c54970e97e65fb335f1411 4781cc84dd6892b2e7f2d27cc21c0bc9bb3d437539bf36de064094fd3664fa80
	END
}

@test "ae-split: the tutorial's split of the real beats" {
	ecg_real
	ae-cat -H --label -1 --number "$ECG" | ae-split --test 0.2 --seed 21 --test-out test.aes -o train.aes
	[ "$(digest_of_ids test.aes)" = e25fbbd042806c5819b96985c12e5778f697d8a73ffc1cedad1bf00fb68ff1d0 ]
	[ "$(digest_of_ids train.aes)" = 9eec3e739aaedf547a7a04fe0a8d92fe5474f2a4f1061f65477b9580e3204b9a ]
	[ "$(ids train.aes | wc -l)" -eq 3998 ]
	[ "$(ids test.aes | wc -l)" -eq 1000 ]
	[ "$(ae-cat -c --where label=1 --cols label train.aes | rows_of /dev/stdin)" -eq 2359 ]
	[ "$(ae-cat -c --where label=1 --cols label test.aes | rows_of /dev/stdin)" -eq 560 ]
}

@test "ae-split: golden output: whole rows, nothing lost, nothing twice" {
	ae-split --test 0.3 --seed 5 --test-out test.csv -c "$F/hundred.csv" >train.csv
	[ "$(head -n 3 train.csv)" = $'id,a,b,label\n6,1.5,-6,0\n88,22,-88,1' ]
	[ "$(head -n 3 test.csv)" = $'id,a,b,label\n66,16.5,-66,0\n32,8,-32,2' ]
	[ "$(rows_of test.csv)" -eq 30 ]
	{
		cat train.csv
		sed 1d test.csv
	} | sort | cmp - <(sort "$F/hundred.csv")
}

@test "ae-split: defaults: a quarter, seed 0" {
	ae-split --test-out a.aes "$F/hundred.csv" >b.aes
	ae-split --test 0.25 --seed 0 --test-out c.aes "$F/hundred.csv" >d.aes
	cmp a.aes c.aes
	cmp b.aes d.aes
	[ "$(ids a.aes | wc -l)" -eq 25 ]
}

@test "ae-split: --ordered takes the last part and keeps the order" {
	ae-split --ordered --test 0.2 --test-out test.csv -c "$F/hundred.csv" >train.csv
	head -n 81 "$F/hundred.csv" | cmp - train.csv
	{
		head -n 1 "$F/hundred.csv"
		tail -n 20 "$F/hundred.csv"
	} | cmp - test.csv
}

@test "ae-split: CSV, TSV and AEST give the same parts" {
	ae-split --seed 3 --test-out a.aes -o b.aes "$F/hundred.csv"
	ae-split --seed 3 --test-out c.aes "$F/hundred.aes" >d.aes
	ae-cat -t "$F/hundred.aes" | ae-split -I tsv --seed 3 --test-out e.aes >f.aes
	cmp a.aes c.aes
	cmp b.aes d.aes
	cmp a.aes e.aes
	cmp b.aes f.aes
	ae-split --seed 3 --test-out a.csv -o b.csv "$F/hundred.aes"
	ae-cat -c a.aes | cmp - a.csv
	ae-cat -c b.aes | cmp - b.csv
}

@test "ae-split: --batch-rows 1, 2, 7, 16, 17 and 512 give equal rows" {
	ae-split --test-out a.aes -o b.aes "$F/hundred.csv"
	for n in 1 2 7 16 17 512; do
		ae-cat --batch-rows $n "$F/hundred.csv" | ae-split --test-out c.aes -o d.aes
		cmp a.aes c.aes
		cmp b.aes d.aes
		ae-split --batch-rows $n --test-out c.aes "$F/hundred.csv" | ae-cat -o d.aes
		cmp b.aes d.aes
		ae-cat c.aes | cmp - a.aes
	done
}

@test "ae-split: every column goes through byte for byte" {
	printf '%s\n' 'id,time,word,a,label' '"q, r",now,"say ""no""",1,' ', ,,2,"x
y"' >f.csv
	ae-split --multiline --pass word --test 0.5 --ordered --test-out t.csv -c f.csv >r.csv
	cat r.csv t.csv | grep -v ^id | sort | cmp - <(ae-cat -c --multiline --pass word f.csv | grep -v ^id | sort)
}

@test "ae-split: a cut stream is an error, and leaves neither part" {
	same_for_cuts "$F/hundred.aes" ae-split --test-out test.aes
	[ ! -e test.aes ]
	expect_error 1 'cut.aes: *' ae-split --test-out test.aes -o train.aes cut.aes
	[ ! -e test.aes ]
	[ ! -e train.aes ]
}

@test "ae-split: too few rows are an error" {
	numbered 0 >none.csv
	expect_error 1 'no rows to split' ae-split --test-out t.aes none.csv
	numbered 1 >one.csv
	expect_error 1 'a test part of 0.25 of 1 row leaves none to train on' ae-split --test-out t.aes one.csv
	numbered 3 >three.csv
	expect_error 1 'a test part of 0.9 of 3 rows leaves none to train on' ae-split --test 0.9 --test-out t.aes three.csv
}

@test "ae-split: files of other columns cannot be split together" {
	sed '1s/b/c/' "$F/hundred.csv" >other.csv
	expect_error 1 'other.csv: columns other than *' ae-split --test-out t.aes "$F/hundred.csv" other.csv
	ae-split --ordered --test-out t.aes "$F/hundred.csv" "$F/hundred.csv" >r.aes
	[ "$(ids r.aes | wc -l)" -eq 150 ]
}

@test "ae-split: warns after a fitted scaler, not after a given one" {
	ae-normalize --fit minmax "$F/hundred.csv" -o fitted.aes
	ae-split --test-out t.aes fitted.aes >r.aes 2>err.txt
	[ "$(<err.txt)" = 'ae-split: the scaler was fitted on rows of both parts: split first, then fit on the training part' ]
	ae-split -q --test-out t.aes fitted.aes 2>err.txt | cmp - r.aes
	[ ! -s err.txt ]
	ae-normalize --fit div:4 "$F/hundred.csv" | ae-split --test-out t.aes >r.aes 2>err.txt
	[ ! -s err.txt ]
}

@test "ae-split: both parts keep the lineage" {
	ae-normalize --fit minmax "$F/hundred.csv" | ae-split -q --test-out t.aes -o r.aes
	ae-normalize --fit minmax "$F/hundred.csv" | ae-normalize --invert | ae-split --test-out t0.csv -o r0.csv
	ae-normalize --invert t.aes | ae-cat -c | cmp - t0.csv
	ae-normalize --invert r.aes | ae-cat -c | cmp - r0.csv
}

@test "ae-split: a full disk, a missing file, a folder, a closed reader" {
	run --separate-stderr -1 sh -c "ae-split --test-out t.aes '$F/hundred.csv' >/dev/full"
	[ "$stderr" = 'ae-split: <stdout>: No space left on device' ]
	expect_error 1 '/dev/full: No space left on device' ae-split --test-out /dev/full "$F/hundred.csv" -o r.aes
	[ ! -e r.aes ]
	expect_error 1 'nowhere.csv: No such file or directory' ae-split --test-out t.aes nowhere.csv
	expect_error 1 "$PWD: Is a directory" ae-split --test-out t.aes "$PWD"
	expect_error 1 "$PWD: is a folder, not a file" ae-split --test-out "$PWD" "$F/hundred.csv"
	quiet_when_closed ae-split --test-out t.aes "$F/hundred.csv"
}

@test "ae-split: the test part into a pipe" {
	ae-split --test-out a.csv -o r.aes "$F/hundred.csv"
	mkfifo part
	ae-cat -c <part >b.csv &
	ae-split --test-out part -o r2.aes "$F/hundred.csv"
	wait $!
	cmp r.aes r2.aes
	sort a.csv | cmp - <(sort b.csv)
}

@test "ae-split: cells of text that are all empty" {
	printf 'id,a\n,1\n,2\n,3\n,4\n' >empty.csv
	ae-split --ordered --test 0.25 --test-out test.csv -o train.csv empty.csv
	printf 'id,a\n,1\n,2\n,3\n' | cmp - train.csv
	printf 'id,a\n,4\n' | cmp - test.csv
	ae-split --test 0.25 --test-out test.csv -o train.csv empty.csv
	[ "$(rows_of train.csv)" -eq 3 ]
}

@test "ae-split: 200,000 rows of 141 columns in less than 32 MiB and 8 bytes a row" {
	ecg_synthetic 2000 >beats.csv
	ae-cat -H --f32 --label -1 beats.csv -o beats.aes
	for ((i = 0; i < 100; i++)); do
		cat beats.aes
	done >many.aes
	TMPDIR=$BATS_TEST_TMPDIR resident_below $((32768 + 8 * 200000 / 1024)) \
		ae-split --test 0.2 --seed 21 --test-out test.aes -o train.aes many.aes
	[ "$(ae-cat --cols label -c test.aes | rows_of /dev/stdin)" -eq 40000 ]
	[ "$(ae-cat --cols label -c train.aes | rows_of /dev/stdin)" -eq 160000 ]
}

@test "ae-split: rows of a megabyte do not gather in memory" {
	printf '%s\n' "$(seq -s, 131072)" >row.csv
	for ((i = 0; i < 40; i++)); do
		cat row.csv
	done >wide.csv
	resident_below 65536 ae-split -H --test 0.5 --test-out test.aes -o train.aes wide.csv
}

@test "ae-split: clean under valgrind" {
	valgrind_clean ae-split --test 0.3 --seed 5 --test-out test.csv -o train.csv "$F/hundred.aes"
	[ "$(rows_of test.csv)" -eq 30 ]
	run valgrind_clean ae-split --test-out test.csv <(head -c 700 "$F/hundred.aes")
	[ "$status" -eq 1 ]
}
