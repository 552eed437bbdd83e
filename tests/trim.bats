#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-train --trim: the worst rows of each batch teach nothing. Its numbers are held against PyTorch's in
# unit/test_train.c.
load helpers
load fixture

NET=(--net 140-16-4-16-140 --hidden-act elu)

trained() { ae-train -q "${NET[@]}" --epochs 3 --batch 50 -m "$@"; }

@test "--trim: a share from 0 to below 1 that leaves out a row" {
	for share in 1 -0.1 nan 2; do
		expect_error 2 "--trim $share: expected a number from 0 to below 1" trained m.aem --trim $share "$F/train.n.aes"
	done
	expect_error 2 'trim 0.01 of a batch of 50 rows is less than one row: take a larger batch' \
		trained m.aem --trim 0.01 "$F/train.n.aes"
	trained m.aem --trim 0.02 "$F/train.n.aes"
	trained m.aem --trim 0.999 "$F/train.n.aes"
}

@test "--trim 0 is as if it were not there" {
	trained none.aem "$F/train.n.aes"
	trained zero.aem --trim 0 "$F/train.n.aes"
	cmp none.aem zero.aem
	run ! grep -aq trim none.aem
	trained some.aem --trim 0.2 "$F/train.n.aes"
	grep -aq trim some.aem
	run ! cmp -s none.aem some.aem
}

# bats test_tags=threads
@test "--trim: the same bytes for any -j; layers that reduce over the batch, dropout and missing values included" {
	local net options
	for net in '140-16-4-16-140' 'dense 8 batchnorm relu, dropout:0.2, dense 140 batchnorm'; do
		options=(--net "$net" --epochs 2 --batch 200 --trim 0.15 --valid 0.2)
		ae-train -q "${options[@]}" -j 1 -m one.aem "$F/train.n.aes"
		ae-train -q "${options[@]}" -j 5 -m five.aem "$F/train.n.aes"
		cmp one.aem five.aem
	done
	ae-cat -c "$F/train.aes" | awk -F, -v OFS=, 'NR > 1 { $(NR % 139 + 1) = "" } 1' >holes.csv
	options=(--net 140-8-140 --missing mask --epochs 2 --batch 100 --trim 0.15)
	ae-train -q "${options[@]}" -j 1 -m one.aem holes.csv
	ae-train -q "${options[@]}" -j 3 -m three.aem holes.csv
	cmp one.aem three.aem
}

@test "--trim: --resume goes on with it, ae-info shows it" {
	trained whole.aem --trim 0.15 --epochs 4 "$F/train.n.aes"
	trained half.aem --trim 0.15 --epochs 2 "$F/train.n.aes"
	ae-train -q --resume half.aem --epochs 4 -m joined.aem "$F/train.n.aes"
	cmp whole.aem joined.aem
	ae-info whole.aem | grep -q ', trim 0.15$'
	expect_error 2 '*--trim: with --resume it comes from half.aem' \
		ae-train --resume half.aem --epochs 4 --trim 0.2 -m m.aem "$F/train.n.aes"
}

# far.csv: a hundred rows on a line, and three far away from it.
far() {
	awk 'BEGIN { print "a,b,c"
		for (i = 0; i < 100; i++) { t = (i - 50) / 25; printf "%g,%g,%g\n", t, -t, t / 2 }
		for (i = 0; i < 3; i++) printf "%g,50,-60\n", 40 + i }' >far.csv
}

@test "--trim: what few rows are like is not learned, and the loss is that of the rows kept" {
	far
	local options=(--net 3-1-3 --act linear --lr 0.05 --epochs 200 --batch 103)
	ae-train "${options[@]}" -m plain.aem far.csv 2>plain.txt
	ae-train "${options[@]}" --trim 0.03 -m trimmed.aem far.csv 2>trimmed.txt
	for m in plain trimmed; do
		ae-recon -m $m.aem far.csv | ae-err -c | awk -F, 'NR > 1 && NR < 102 { sum += $1 } END { print sum / 100 }' >$m.err
	done
	awk 'NR == FNR { plain = $1; next } { exit !($1 < 1e-6 && plain > 1e-2) }' plain.err trimmed.err
	awk '/: loss/ { exit !($3 + 0 < 1e-6) }' trimmed.txt
	run ! grep -q 'no better' trimmed.txt
}

@test "--trim: a loss no better than the mean row's is said, that being trimmed too" {
	far
	ae-train --net 3-1-3 --act linear --lr 0 --epochs 2 --batch 103 --trim 0.03 -m m.aem far.csv 2>said.txt
	grep -q 'is no better than' said.txt
}
