#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-err --drift: recent errors against those of the training.
load helpers

setup() {
	helpers_setup
	awk -v OFS=, 'BEGIN { srand(5); print "a,b,c"; for (i = 0; i < 300; i++) print rand() * 3, rand() + rand(), rand() * rand() }' >rows.csv
	ae-train -q --net 'dense 2 tanh | dense 3' --epochs 3 --missing mask -m m.aem rows.csv
	# good rows, a missing value, then b moves
	awk 'BEGIN { srand(8); print "a,b,c"; for (i = 0; i < 200; i++) printf "%s,%s,%s\n", rand() * 3,
		rand() + rand() + (i > 120 ? 2 : 0), i % 40 == 7 ? "" : rand() * rand() }' >live.csv
	ae-recon -m m.aem --missing mask live.csv -o r.aes
}

@test "ae-err --drift: as NumPy has it, with missing values" {
	/usr/bin/python3 -c 'import msgpack, numpy' || skip 'no NumPy or msgpack for Python'
	local n
	ae-cat -c r.aes >r.csv
	for n in 1 20 150; do
		/usr/bin/python3 "$ROOT/tests/expected/drift.py" m.aem r.csv $n >want
		ae-err -m m.aem --drift $n r.aes | ae-cat --cols drift,drift_feature -c | tail -n +2 | sed s/^nan// >got
		paste -d, want got | awk -F, '{ d = $1 - $3; d = d < 0 ? -d : d; m = $1 < 0 ? -$1 : $1 }
			$2 != $4 || ($1 == "") != ($3 == "") || d > 1e-9 * (1 + m) { print; bad = 1 } END { exit bad || NR != 200 }'
	done
}

@test "ae-err --drift: it names the feature that has moved, and good rows stay low" {
	ae-err -m m.aem --drift 40 r.aes | ae-cat -c --cols drift,drift_feature >d.csv
	[ "$(sed -n 40p d.csv)" = nan, ] # 39 rows
	awk -F, 'NR > 41 && NR <= 121 && $1 > 5 { exit 1 }' d.csv
	awk -F, 'NR == 190 { exit !($1 > 8 && $2 == "b") }' d.csv
}

@test "ae-err --drift: the same for any batches, beside other columns, and of a window's last row" {
	local n
	ae-err -m m.aem --drift 30 --top 1 --per-feature -c r.aes >want.csv
	for n in 1 7 64; do
		ae-cat --batch-rows $n r.aes | ae-err -m m.aem --drift 30 --top 1 --per-feature -c >got.csv
		cmp got.csv want.csv
	done
	ae-err -m m.aem -c r.aes | cmp - <(ae-err -m m.aem --drift 30 r.aes | ae-cat --cols err -c)
	ae-window --size 4 --drop-incomplete rows.csv -o w.aes
	ae-train -q --net 'dense 4 | dense 12 reshape 4x3' --epochs 1 -m w.aem w.aes
	ae-recon -m w.aem w.aes | ae-err -m w.aem --last --drift 10 -c | tail -n 1 >last
	grep -q ',x.4.[abc]$' last
}

@test "ae-err --drift: what it cannot be taken of is refused" {
	expect_error 2 '--drift takes the training errors of a model, which -m FILE names' ae-err --drift 5 r.aes
	expect_error 2 '--drift takes *' ae-err --of x -m m.aem --top 1 --drift 5 r.aes
	expect_error 2 '--drift is of the reconstruction, *' ae-err -m m.aem --metric t2 --drift 5 r.aes
	expect_error 1 '*there is a column "drift" already' pipe 'ae-err --keep -m m.aem --drift 5 r.aes | ae-err -m m.aem --drift 5'
	ae-train -q --net 'dense 2 | dense 3' --epochs 1 --seed 4 -m other.aem rows.csv
	expect_error 1 'r.aes: what is scored was not made with other.aem' ae-err -m other.aem --drift 5 r.aes
}
