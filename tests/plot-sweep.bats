#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-plot sweep: precision, recall and F1 of every threshold.
load helpers
load scoring
load plotting

ROWS=$ROOT/tests/expected/plot_sweep.csv

@test "ae-plot sweep: a picture of every format" {
	need_gnuplot
	drawn sweep --anomaly 1 --at 0.55 "$ROWS" '800 480'
	grep -qx 'Precision' texts
	grep -qx 'Best F1 0.632, at 0.61' texts
	grep -qx 'Threshold 0.55' texts
	grep -qx 'Threshold; 0.55 has precision 0.488, recall 0.724, F1 0.583' texts
	grep -qx 'Threshold; no score reaches 2' <(ae-plot sweep --anomaly 1 --at 2 "$ROWS" -o at.svg && texts_of at.svg)
}

@test "ae-plot sweep: every threshold has the values of scikit-learn" {
	with_script sweep --anomaly 1 "$ROWS"
	block sweep | tr ' ' , >values
	near 1e-12 "$ROOT/tests/expected/plot_sweep.txt" values
	# The best one, and the values of the threshold, are ae-metrics's.
	best=$(ae-metrics --anomaly 1 --json "$ROWS" | sed 's/.*"best_f1": *\([0-9.]*\).*/\1/')
	block best | awk -v best="$best" '{ exit !($2 - best < 1e-6 && best - $2 < 1e-6) }'
}

@test "ae-plot sweep: many scores make a small picture, near the exact curve" {
	awk 'BEGIN { print "label,err"; for (i = 0; i < 200000; i++) print (i * 7919 % 200003 > 150000) "," (i * 7919 % 200003) / 2e5 + (i % 97) / 97 }' >many.csv
	with_script sweep --anomaly 1 many.csv
	[ "$(block sweep | wc -l)" -lt 9000 ]
	[ "$(block sweep | wc -l)" -gt 900 ]
	block sweep | awk 'NR > 1 && before - $1 < 0 { bad = 1 } { before = $1 } END { exit bad }'
}

@test "ae-plot sweep: infinite scores, --range, and what is wrong" {
	printf 'label,err\n1,1e30\n0,0.1\n1,0.5\n0,0.3\n' >rows.csv
	with_script sweep --anomaly 1 rows.csv
	grep -qx 'set xrange \[0.1.*:0.5\]' script
	[ "$(block sweep | head -n 1)" = '0.5 1 0.5 0.6666666666666666' ]
	with_script sweep --anomaly 1 --range 0,2 rows.csv
	grep -qx 'set xrange \[0:2\]' script
	expect_error 2 'either --normal LABEL or --anomaly LABEL is required' ae-plot sweep "$ROWS"
	printf 'label,err\n1,0.1\n1,0.2\n' >one.csv
	expect_error 1 'one.csv: the rows that have a score are all of one class: *' ae-plot sweep --anomaly 1 one.csv
	expect_error 1 '*: --anomaly 7: no row has that label; *' ae-plot sweep --anomaly 7 one.csv
}

@test "ae-plot sweep --log: one huge score does not flatten the curves" {
	printf 'label,err\n1,5e9\n0,0.1\n1,0.5\n0,0.3\n0,0\n1,-2\n' >rows.csv
	with_script sweep --anomaly 1 --log --at 0.2 rows.csv
	grep -qx 'set logscale x' script
	grep -qx 'set xrange \[0.1.*:5000000000\]' script
	[ "$(block sweep | cut -d ' ' -f 1 | tr '\n' ' ')" = '5000000000 0.5 0.3 0.1 0.1 0.1 ' ]
	[ "$(block threshold | head -n 1)" = '0.20000000000000001 0' ]
	# What lies near is left out by its place on that axis: of 20,000 scores about as many in each power of ten.
	awk 'BEGIN { print "label,err"; for (i = 0; i < 20000; i++) printf "%d,%.9g\n", i % 3 == 0, 10 ^ (i / 5000) }' >wide.csv
	with_script sweep --anomaly 1 --log wide.csv
	[ "$(block sweep | awk '$1 < 10' | wc -l)" -gt 200 ]
	with_script sweep --anomaly 1 --log --at 0.2 rows.csv
	# a threshold that has no logarithm is told in words alone
	with_script sweep --anomaly 1 --log --at -1 rows.csv
	[ -z "$(block threshold)" ]
	grep -q 'Threshold; -1 has precision' script
	expect_error 2 '--range 0,2: with --log both ends are above 0' ae-plot sweep --anomaly 1 --log --range 0,2 rows.csv
	need_gnuplot
	for score in 0 1 1e31 1e308; do
		printf 'label,err\n0,%s\n1,%s\n' "$score" "$score" >same.csv
		ae-plot sweep --anomaly 1 --log same.csv -o same.svg
	done
}

@test "ae-plot sweep: clean under valgrind" {
	need_gnuplot
	valgrind_clean ae-plot sweep --anomaly 1 --at 0.3 "$ROWS" -o a.svg
}

@test "ae-plot sweep: scores that are all the same, however large" {
	need_gnuplot
	for score in 0 1 1e17 1e31 1e308; do
		printf 'label,err\n0,%s\n1,%s\n' "$score" "$score" >same.csv
		ae-plot sweep --anomaly 1 same.csv -o same.svg
		ae-plot sweep --anomaly 1 --at 1e308 same.csv -o same.svg
	done
}
