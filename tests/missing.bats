#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Missing values through the whole chain: error by default, --missing=skip|mask|mean, and what NaN does downstream.
# (The gradient of masked training is in unit/test_mask.c.)
load helpers
load scoring

setup() {
	helpers_setup
	# 120 rows of three sensors that hang together; a hole in the first every 7th row, one row without any value.
	awk 'BEGIN {
		print "id,a,b,c"
		for (n = 0; n < 120; n++) {
			s = n * 37 % 101 / 10
			if (n == 50)
				print "u" n ",,,"
			else
				print "u" n "," (n % 7 ? s : "") "," 2 * s + 1 "," 5 - s
		}
	}' >holes.csv
	grep -v ',,' holes.csv >whole.csv
}

# score MODEL FILE: id and err
score() {
	ae-normalize --missing=mask -m "$1" "$2" | ae-recon -m "$1" | ae-err | ae-cat -c --cols id,err
}

@test "missing: an error by default, that names file, line, column and the option" {
	expect_error 1 'holes.csv: line 2: column "a": missing value; --missing skip leaves such rows out, --missing mask keeps them' ae-normalize --fit minmax holes.csv
	expect_error 2 'unknown word of --missing "drop": expected error, skip or mask' ae-cat --missing=drop holes.csv
}

@test "missing: skip leaves the rows out and counts them" {
	ae-normalize --missing=skip --fit minmax holes.csv >skipped.aes 2>err.txt
	[ "$(tail -n 1 err.txt)" = 'ae-normalize: 19 rows with missing values left out' ]
	ae-normalize --fit minmax whole.csv | cmp - skipped.aes
	ae-normalize -q --missing=skip --fit minmax holes.csv 2>err.txt | cmp - skipped.aes
	[ ! -s err.txt ]
}

@test "missing: mask carries NaN, and the header says so, through every filter" {
	ae-normalize --missing=mask --fit minmax -o n.aes holes.csv
	ae-train -q --net 3-1-3 --epochs 1 -m m.aem n.aes
	ae-recon -m m.aem -o r.aes n.aes
	ae-err -o e.aes r.aes
	ae-encode -m m.aem -o l.aes n.aes
	local file
	for file in n r; do
		ae-info $file.aes | grep -qE ' x +f32 +\[3\] missing'
	done
	ae-info r.aes | grep -qE ' recon +f32 +\[3\] missing'
	ae-info e.aes | grep -qE ' err +f64 +\[\] missing'
	ae-info l.aes | grep -qE ' latent +f32 +\[1\] missing'
	ae-noise --gaussian 0.1 n.aes | ae-info | grep -qE ' target +f32 +\[3\] missing'
	ae-cat n.aes | cmp - n.aes
	ae-thresh --at 0.5 -O aest e.aes | ae-cat -c | cut -d, -f1,3 >v.csv
	[ "$(sed -n 2p v.csv)" = u0, ] && [ "$(sed -n 52p v.csv)" = u50, ] # no verdict
	[[ $(sed -n 3p v.csv) == u1,[01] ]]
}

@test "missing: without a mask in the model a row with a hole is not computed, the others as ever" {
	ae-normalize --fit standard whole.csv | ae-train -q --net 3-1-3 --epochs 5 -m m.aem
	score m.aem holes.csv >e.csv
	awk -F, 'NR > 1 { n = NR - 2; if (($2 == "nan") != (n % 7 == 0 || n == 50)) exit 1 }' e.csv
	same 'grep -v nan e.csv' 'score m.aem whole.csv'
}

@test "missing: training without --missing=mask leaves the rows out and counts them" {
	ae-normalize --missing=mask --fit standard -o n.aes holes.csv
	ae-train --net 3-1-3 --epochs 2 -m m.aem n.aes 2>err.txt
	grep -qx 'ae-train: 19 rows with missing values left out; --missing mask trains on what they hold' err.txt
	grep -q '; 101 rows$' err.txt
	ae-cat -c --where a!=nan n.aes >rows.csv
	ae-train -q --f32 --net 3-1-3 --epochs 2 -m rows.aem rows.csv
	ae-recon --scaled -m m.aem rows.csv | ae-cat -c --cols recon >one.csv
	ae-recon -m rows.aem rows.csv | ae-cat -c --cols recon | cmp - one.csv
}

@test "missing: a model trained with --missing=mask computes rows with holes, over the cells that are there" {
	ae-normalize --missing=mask --fit standard holes.csv |
		ae-train --missing=mask --net 3-1-3 --epochs 200 --lr 0.02 --act linear -m m.aem 2>err.txt
	grep -qx 'ae-train: 1 row with missing values left out' err.txt
	score m.aem holes.csv >e.csv
	[ "$(grep -c nan e.csv)" -eq 1 ] # u50 alone
	awk -F, 'NR > 1 && $2 != "nan" && $2 > 0.5 { exit 1 }' e.csv
	# a hole enters as 0 after scaling, and counts in no error
	ae-normalize --missing=mask -m m.aem -o n.aes holes.csv
	ae-recon -m m.aem n.aes | ae-cat -c --cols x,recon --head 1 | tail -n 1 >row
	[[ $(<row) == nan,* ]]
	ae-recon -m m.aem n.aes | ae-err --metric mse | ae-cat -c --cols err --head 1 | tail -n 1 >score
	awk -F, '{ printf "%.9f\n", (($2 - $5) ^ 2 + ($3 - $6) ^ 2) / 2 }' row >wanted
	near 1e-6 wanted <(awk '{ printf "%.9f\n", $1 }' score)
}

@test "missing: masked rows without a hole train as rows that are whole" {
	ae-normalize --fit standard -o whole.aes whole.csv
	ae-train -q --net 3-2-3 --epochs 3 -m plain.aem whole.aes
	ae-train -q --missing=mask --net 3-2-3 --epochs 3 -m masked.aem whole.aes
	same 'ae-recon -m plain.aem whole.aes | ae-cat -c --cols recon' 'ae-recon -m masked.aem whole.aes | ae-cat -c --cols recon'
}

@test "missing: fitting a threshold leaves out and counts rows without a score" {
	ae-normalize --fit standard whole.csv | ae-train -q --net 3-1-3 --epochs 5 -m m.aem
	ae-normalize --missing=mask -m m.aem holes.csv | ae-recon -m m.aem | ae-err -o e.aes
	ae-thresh --fit quantile:0.5 -m m.aem e.aes >fit.txt 2>err.txt
	grep -q ' 101 rows$' fit.txt
	[ "$(<err.txt)" = 'ae-thresh: 19 rows without a score left out' ]
	ae-normalize -m m.aem whole.csv | ae-recon -m m.aem | ae-err | ae-thresh --fit quantile:0.5 --save t.thr >other.txt
	cmp fit.txt other.txt
}

@test "missing: metrics count the rows without a verdict" {
	printf 'label,err,pred\n1,0.5,1\n0,0.1,0\n0,,\n1,,\n' >v.csv
	ae-metrics --missing=mask --anomaly 1 v.csv >m.txt
	grep -qx 'no verdict   2' m.txt
}

@test "missing: --where takes a missing value for neither more nor less" {
	ae-cat --missing=mask -o h.aes holes.csv
	[ "$(ae-cat --where 'a>-99' h.aes | ae-info --count)" -eq 101 ]
	[ "$(ae-cat --where 'a<=99' h.aes | ae-info --count)" -eq 101 ]
	[ "$(ae-cat --where a=nan h.aes | ae-info --count)" -eq 19 ]
	[ "$(ae-cat --where a!=nan h.aes | ae-info --count)" -eq 101 ]
	[ "$(ae-cat --where a!=3.7 h.aes | ae-info --count)" -eq 118 ]
}

@test "missing: a stream that does not announce NaN may not hold it" {
	ae-cat --missing=mask -o m.aes holes.csv
	sed 's/missing/MISSING/g' m.aes >liar.aes # the key is unknown now, the checksum wrong
	expect_error 1 'liar.aes: header: wrong checksum' ae-cat liar.aes
}

@test "missing: mean fills, except rows without any value" {
	ae-normalize -q --missing=mean --fit standard holes.csv | ae-train -q --net 3-1-3 --epochs 1 -m m.aem
	ae-normalize --missing=mean -m m.aem holes.csv | ae-recon -m m.aem | ae-err -c | cut -d, -f2 >e.csv
	[ "$(grep -c nan e.csv)" -eq "$(grep -c ',,,$' holes.csv)" ]
	[ "$(wc -l <e.csv)" -eq 121 ]
}

@test "missing: err and target in text may be missing too" {
	printf 'id,err\nu1,0.5\nu2,\n' >e.csv
	expect_error 1 'e.csv: line 3: column "err": missing value; *' ae-thresh --at 0.5 e.csv
	[ "$(ae-thresh --missing=mask --at 0.5 e.csv)" = $'id,err,pred\nu1,0.5,1\nu2,nan,' ]
	[ "$(ae-thresh -q --missing=skip --at 0.5 e.csv)" = $'id,err,pred\nu1,0.5,1' ]
}
