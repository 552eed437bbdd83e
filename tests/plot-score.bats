#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-plot score: the score over time.
load helpers
load scoring
load plotting

ROWS=$ROOT/tests/expected/plot_score.csv

@test "ae-plot score: a picture of every format" {
	need_gnuplot
	drawn score --anomaly 1 --at 0.3 --title 'Pump 3' "$ROWS" '1000 400'
	grep -qx 'Pump 3' texts
	grep -qx 'Reconstruction error' texts
	grep -qx 'Least to largest' texts
	grep -qx "Verdict: anomaly ($(grep -c ',1$' "$ROWS") rows)" texts
	grep -qx "Truth: anomaly ($(cut -d, -f2 "$ROWS" | grep -c '^1') rows)" texts
	grep -qx 'Threshold 0.3' texts
	grep -qx 'Time, 2023-11-14T22:13:2.Z to 2023-11-16T15:5.:..Z' texts
	grep -q 'In truth: ' picture.txt
}

@test "ae-plot score: the points of the curve are those of NumPy" {
	with_script score -O svg "$ROWS"
	block score | sed 's/^$/gap/' | tr ' ' , >points
	sed 's/^$/gap/' "$ROOT/tests/expected/plot_score.txt" | tr ' ' , >wanted
	[ "$(grep -c gap wanted)" -gt 3 ]
	near 1e-6 wanted points
}

@test "ae-plot score: neither order nor batches matter" {
	with_script score -O svg --anomaly 1 "$ROWS"
	grep -v '^set xlabel' script >whole
	{ head -n 1 "$ROWS" && tail -n +2 "$ROWS" | sort -t, -k3; } >shuffled.csv
	with_script score -O svg --anomaly 1 shuffled.csv
	grep -q '^set xlabel .*; [0-9]* rows are earlier than the one before' script
	# The sums of means are added in another order.
	grep -v '^set xlabel' script | tr ' ' , >other
	tr ' ' , <whole >whole.csv
	near 1e-12 whole.csv other
	ae-cat --missing mask --batch-rows 7 "$ROWS" >seven.aes
	with_script score -O svg --anomaly 1 seven.aes
	grep -v '^set xlabel' script | cmp - whole
}

# marks N: the runs that are shaded: where each begins and ends.
marks() {
	block "mark$1" | cut -d ' ' -f 3,4
}

@test "ae-plot score: rows without times, verdicts or scores" {
	printf 'err,pred\n0.1,0\n0.2,0\n0.9,1\n0.8,1\n,\n0.9,1\n0.1,0\n' >rows.csv
	with_script score rows.csv -O svg
	grep -q "^set xlabel 'Row'" script
	[ "$(marks 0)" = "$(printf '2.5 4.5\n5.5 6.5')" ]
	block score | cut -d ' ' -f 1,4 | diff - <(printf '1 0.1\n2 0.2\n3 0.9\n4 0.8\n\n6 0.9\n7 0.1\n')
	# Without verdicts the threshold says what is shaded; without both nothing is.
	printf 'err\n0.1\n0.2\n0.9\n' >err.csv
	with_script score --at 0.2 err.csv -O svg
	[ "$(marks 0)" = '1.5 3' ]
	grep -q "At or above the threshold (2 rows)" script
	with_script score err.csv -O svg
	[ -z "$(marks 0)" ]
	# One row, between rows without a score, is a point.
	printf 'err\n\n0.5\n\n' >one.csv
	with_script score one.csv -O svg
	[ "$(block single)" = '2 0.5 0.5 0.5' ]
	grep -q '[$]single using' script
	run ! grep -q '[$]score using' script
}

@test "ae-plot score: what beyond f32 is stands above the axis" {
	printf 'err\n0.1\n1e30\n0.3\n3e37\n' >rows.csv
	with_script score rows.csv -O svg
	grep -q "1e30 or more (2 rows)" script
	awk '/^set yrange/ { gsub(/.*:|\]/, ""); exit !($0 < 1) }' script
}

@test "ae-plot score: times" {
	printf 'time,err\nMonday,1\nTuesday,2\n' >days.csv
	with_script score days.csv
	grep -q "^set xlabel 'Row (its time is not a date, nor seconds)'" script
	printf 'time,err\n0,1\n0.5,2\n2.5,1\n' >seconds.csv
	with_script score seconds.csv
	grep -qx "set xlabel 'Time'" script
	grep -qx 'set xrange \[0:2.5\]' script
	printf 'time,err\n2026-11-27T10:00:00Z,1\n2026-11-27T10:00:00.25Z,2\n' >short.csv
	with_script score short.csv
	grep -q "^set xlabel 'Seconds from 2026-11-27T10:00:00Z'" script
	grep -qx 'set xrange \[0:0.25\]' script
	printf 'time,err\n2026-11-27,1\nnever,2\n,3\n2026-11-28,1\n' >some.csv
	with_script score some.csv
	grep -q 'rows that are not in the picture: 2' notes
	# 500 years, which 64 bits of nanoseconds hold
	printf 'time,err\n1700-01-01,1\n2200-01-01,2\n2026-11-27,1\n' >years.csv
	with_script score years.csv
}

@test "ae-plot score: a gap where no rows are for long" {
	{
		echo time,err
		for t in 10 20 30 40 50 60 150 160 270 280; do echo $t,1; done
	} >rows.csv
	with_script score rows.csv
	[ "$(block score | grep -c '^$')" -eq 1 ]
}

@test "ae-plot score --log: a large score leaves the others to be seen" {
	printf 'err,pred\n0.1,0\n0,0\n1e9,1\n0.3,0\n' >rows.csv
	with_script score --log -O svg rows.csv
	grep -qx 'set logscale y' script
	sed -n 's/^set yrange .\(.*\):\(.*\)\]/\1 \2/p' script | awk '{ exit !($1 > 0.08 && $1 < 0.1 && $2 > 1e9 && $2 < 3e9) }'
	block score | awk '!($3 > 0.08) { exit 1 }'
	need_gnuplot
	ae-plot score --log --at 0.2 rows.csv -o log.svg
	printf 'err\n0\n0\n' | ae-plot score --log -o zero.svg
}

@test "ae-plot score: what is wrong is said" {
	expect_error 2 '--normal and --anomaly exclude each other' ae-plot score --normal 0 --anomaly 1 "$ROWS"
	expect_error 1 '*: --anomaly 7: no row has that label; there are 0: *, 1: *' ae-plot score --anomaly 7 "$ROWS"
	printf 'err,pred\n1,0\n' >plain.csv
	expect_error 1 'plain.csv: no column of role label*' ae-plot score --anomaly 1 plain.csv
	expect_error 1 'empty.csv: no err to draw' pipe 'printf "label,err\n" >empty.csv; ae-plot score --normal ok empty.csv'
	expect_error 1 'none.csv: no err to draw' pipe 'printf "err\n\n" >none.csv; ae-plot score none.csv'
	expect_error 2 '--by goes with *' ae-plot score --by label "$ROWS"
}

@test "ae-plot score: memory does not grow with the rows" {
	awk 'BEGIN { print "err"; for (i = 0; i < 400000; i++) print i % 1000 / 1000 }' >many.csv
	with_script score many.csv # makes the gnuplot
	PATH=$PWD/fake-gnuplot:$PATH resident_below 30000 ae-plot score many.csv
}

@test "ae-plot score: clean under valgrind" {
	need_gnuplot
	valgrind_clean ae-plot score --anomaly 1 --at 0.3 "$ROWS" -o a.svg
}

@test "ae-plot score: a threshold that no axis has a place for is said to be off it" {
	need_gnuplot
	printf 'err\n0.1\n0.2\n0.9\n' >rows.csv
	for at in 1e308 1e30; do
		ae-plot score --at "$at" -O text rows.csv | grep -q '↑ Threshold 1e+30'
	done
	ae-plot score --at -1e308 -O svg rows.csv >low.svg
	texts_of low.svg | grep -qx '↓ Threshold -1e+308'
	ae-plot score --at 0 --log -O text rows.csv | grep -q '↓ Threshold 0'
	with_script score --at 1e308 -O svg rows.csv
	grep -qx 'set yrange \[0:0.94.*\]' script
}

@test "ae-plot score: a picture that is made narrow has fewer ticks" {
	printf 'time,err\n2026-01-01,1\n2026-01-10,2\n' >rows.csv
	with_script score -O svg rows.csv
	sed -n "/^if (exists('narrow'))/,/^}/p" script | grep -q '^set xtics .* 604800$'
	grep -q '^set xtics .* 86400$' script
	with_script score -O svg --size 380x400 rows.csv
	[ "$(grep -c '^set xtics' script)" -eq 1 ]
}

@test "ae-plot score: as text the marks of truth stand on a line of their own, and ticks have no zeros that say nothing" {
	need_gnuplot
	{ echo err,label,pred && awk 'BEGIN { for (i = 0; i < 60; i++) print (i % 9 + 1) / 1e5 "," (i > 20 && i < 40) "," (i > 30 && i < 40) }'; } >rows.csv
	echo 1.75,0,1 >>rows.csv
	for size in 80x24 80x40 60x20; do
		ae-plot score --normal 0 --size $size rows.csv >picture.txt
		grep -q '|.*TTTTT.*|' picture.txt
		grep -q '|.*!!!.*|' picture.txt
		run ! grep -q 'T!\|!T' picture.txt
	done
	ae-plot score --normal 0 --log rows.csv >picture.txt
	grep -q '^ *1e-05 [|+]' picture.txt
	grep -q '^ *0.1 [|+]' picture.txt
	ae-plot sweep --normal 0 rows.csv >picture.txt
	grep -Eq '^ +0 +0.2 +0.4 ' picture.txt
}

@test "ae-plot score: scores of -1e30 and less are marked below, and not above" {
	printf 'err\n1\n2\n-1e30\n-2e37\n3\n' >e.csv
	with_script score -O svg e.csv
	grep -q -- '-1e30 or less (2 rows)' script
	run ! grep -q ' 1e30 or more' script
	[ "$(block mark3 | cut -d ' ' -f 1 | tr '\n' ' ')" = '3 4 ' ]
	awk '/^set yrange/ { gsub(/.*\[|:.*/, ""); exit !($0 < 0) }' script
	need_gnuplot
	ae-plot score e.csv | grep -q -- '-1e30 or less (2 rows) *v'
	ae-plot score e.csv | grep -qE '^ .*\| .*v *v'
}

@test "ae-plot score: the least text shows the curve, also where rows outnumber its columns" {
	need_gnuplot
	awk 'BEGIN { print "err"; for (i = 0; i < 400; i++) printf "%.9g\n", 5e-5 + 3e-5 * sin(i / 12) }' >s.csv
	for size in 40x12 60x15; do
		[ "$(ae-plot score --size $size s.csv | tail -n +3 | cut -c 12- | tr -cd '|' | wc -c)" -gt 30 ]
	done
}
