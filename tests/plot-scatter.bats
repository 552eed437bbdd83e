#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-plot scatter: rows as points of their latent.
load helpers
load scoring
load plotting

ROWS=$ROOT/tests/expected/plot_scatter.csv

@test "ae-plot scatter: a picture of every format" {
	need_gnuplot
	drawn scatter --by label --title Codes "$ROWS" '700 560'
	grep -qx Codes texts
	for label in a b c; do
		grep -qx "$label ($(grep -c "$label$" "$ROWS"))" texts
	done
	awk -F, 'END { printf "Principal axis 1 of latent, %.1f %% of the variance\n", $1 }' "$ROOT/tests/expected/plot_scatter.txt" |
		grep -qxf - texts
	drawn scatter "$ROWS" '700 560'
}

@test "ae-plot scatter: the places are those of NumPy" {
	with_script scatter "$ROWS"
	block points | cut -d ' ' -f 1,2 | tr ' ' , >places
	head -n -1 "$ROOT/tests/expected/plot_scatter.txt" >wanted
	near 1e-5 wanted places
	# Of two values they are these themselves, of one the other axis is the score.
	cut -d, -f 1,2 "$ROWS" >two.csv
	with_script scatter two.csv
	block points | cut -d ' ' -f 1,2 | tr ' ' , >places
	near 1e-6 <(tail -n +2 two.csv) places
	{ echo latent.1,err && tail -n +2 two.csv; } >one.csv
	with_script scatter one.csv
	block points | cut -d ' ' -f 1,2 | tr ' ' , | sort >places
	near 1e-6 <(tail -n +2 one.csv | sort) places
	grep -q "^set label 'Reconstruction error'" script
}

@test "ae-plot scatter: scores are colours, the largest on top" {
	printf 'latent.1,latent.2,err\n1,2,0.5\n3,4,9\n5,6,0.1\n7,8,1e30\n' >rows.csv
	with_script scatter -O svg rows.csv
	block points | cut -d ' ' -f 1 | paste -sd ' ' | grep -qx '5 1 3 7'
	grep -qx 'set cbrange \[0.1.*:9\]' script
	grep -q 'linecolor palette' script
	with_script scatter -O svg --log rows.csv
	grep -qx 'set logscale cb' script
}

@test "ae-plot scatter: a sample of many rows, the same in any batches" {
	awk 'BEGIN { print "latent.1,latent.2"; for (i = 0; i < 60000; i++) print i "," i % 7 }' >many.csv
	with_script scatter many.csv
	grep -q "^set xlabel 'latent.1; 20000 of 60000 rows, a random sample'" script
	block points >whole
	[ "$(wc -l <whole)" -eq 20000 ]
	[ "$(sort -u whole | wc -l)" -eq 20000 ]
	# All parts of the stream are in it: 6667 rows of each third, with a standard deviation of 54
	awk '{ n[int($1 / 20000)]++ } END { for (i = 0; i < 3; i++) if (n[i] < 6300 || n[i] > 7000) exit 1 }' whole
	ae-cat --batch-rows 77 -o cut.aes many.csv
	with_script scatter cut.aes
	block points | cmp - whole
	with_script scatter --seed 1 many.csv
	run ! cmp -s <(block points) whole
	with_script scatter --sample 100 many.csv
	[ "$(block points | wc -l)" -eq 100 ]
}

@test "ae-plot scatter: other columns, missing values, and what is wrong" {
	printf 'a,b,label\n1,2,x\n,3,x\n4,5,y\n' >rows.csv
	with_script scatter --cols x --missing mask rows.csv
	[ "$(block points | wc -l)" -eq 2 ]
	grep -q 'rows that are not in the picture: 1' notes
	expect_error 1 'rows.csv: no column of role latent*ae-recon --latent*' ae-plot scatter rows.csv
	expect_error 1 'rows.csv: --cols label: column "label" is text' ae-plot scatter --cols label --missing mask rows.csv
	expect_error 1 'one.csv: latent has one value a row and there is no err*' pipe 'printf "latent.1\n1\n" >one.csv; ae-plot scatter one.csv'
	expect_error 2 '--seed goes with --sample' ae-plot hist --seed 3 rows.csv
	seq 11 | sed 's/.*/1,2,&/; 1i latent.1,latent.2,label' >classes.csv
	expect_error 1 '*--by label: more than 10 classes' ae-plot scatter --by label classes.csv
}

@test "ae-plot scatter: one row, and rows that are all the same" {
	need_gnuplot
	head -n 2 "$ROWS" >one.csv
	ae-plot scatter one.csv -o one.svg
	texts_of one.svg | grep -qx 'Principal axis 1 of latent, 0.0 % of the variance'
	{ cat one.csv && tail -n 1 one.csv; } | ae-plot scatter --by label -o two.svg
}

@test "ae-plot scatter: clean under valgrind" {
	need_gnuplot
	cut -d, -f 1,2,6 "$ROWS" >two.csv
	valgrind_clean ae-plot scatter --by label two.csv -o a.svg
}

@test "ae-plot scatter: rows without a score are grey and counted, not the darkest" {
	printf 'latent.1,latent.2,err\n1,2,0.5\n3,4,\n5,6,0\n7,8,9\n' >rows.csv
	with_script scatter -O svg --missing mask rows.csv
	[ "$(block unscored)" = '3 4 NaN' ]
	block points | paste -sd ' ' | grep -qx '5 6 0 1 2 0.5 7 8 9'
	grep -q "^plot \$unscored .* linecolor '#b0b0b0' title 'No score (1)'" script
	# What is not above 0 is drawn at the beginning of the logarithmic scale.
	with_script scatter -O svg --missing mask --log rows.csv
	block points | paste -sd ' ' | grep -qx '5 6 0.5 1 2 0.5 7 8 9'
	# As an axis a score that is not there has no place.
	cut -d, -f 1,3 rows.csv >one.csv
	with_script scatter -O svg --missing mask one.csv
	grep -q 'rows that are not in the picture: 1' notes
}

@test "ae-plot scatter: classes have the order of --map, and as text their key leaves the axis its name" {
	need_gnuplot
	printf '%s\n' latent.1,latent.2,label 1,2,ok 3,4,ok 5,7,broken >rows.csv
	printf 'ok,In order\nbroken,Broken\n' >names.csv
	with_script scatter -O svg --by label rows.csv
	grep -o "title '.*'" script | paste -sd ' ' | grep -qx "title 'broken (1)' title 'ok (2)'"
	with_script scatter -O svg --by label --map names.csv rows.csv
	grep -o "title '.*'" script | paste -sd ' ' | grep -qx "title 'In order (2)' title 'Broken (1)'"
	ae-plot scatter --by label rows.csv >picture.txt
	[ "$(head -n 1 picture.txt)" = latent.2 ]
	grep -q 'broken (1) .*ok (2)' picture.txt
	expect_error 2 '--log is a scale of the colours of scores, and --by has those of classes' ae-plot scatter --log --by label rows.csv
}
