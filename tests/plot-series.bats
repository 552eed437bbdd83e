#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-plot series: features over time with their reconstruction.
load helpers
load scoring
load plotting

ROWS=$ROOT/tests/expected/plot_heat.csv

@test "ae-plot series: a picture of every format" {
	need_gnuplot
	drawn series --title Pumps "$ROWS" '1000 440'
	grep -qx Pumps texts
	for text in a b c Input Reconstruction Error; do
		grep -qx "$text" texts
	done
	drawn series --features c,a "$ROWS" '1000 330'
	run ! grep -qx b texts
}

# values N: place, input and reconstruction of panel N, of values that go from LOW to HIGH and of COUNT panels.
values() {
	block "panel$1" | awk -v low="$2" -v high="$3" -v at="$(($4 - 1 - $1))" '
		function back(y) { return (y - at - 0.08) / 0.84 * (high - low) + low }
		/^$/ { print "gap"; next }
		{ printf "%s,%.9g,%.9g\n", $1, back($2), back($5) }'
}

@test "ae-plot series: the points are the rows, with gaps where values are missing" {
	printf 'a,b,recon.a,recon.b\n1,5,2,5\n3,,3,6\n-1,7,0,8\n0,5,1,4\n' >rows.csv
	with_script series -O svg rows.csv
	near 1e-6 <(printf '1,1,2\n2,3,3\n3,-1,0\n4,0,1\n') <(values 0 -1 3 2)
	diff <(printf '1,5,5\ngap\n3,7,8\n4,5,4\n') <(values 1 4 8 2)
	grep -q "^set xlabel 'Row'" script
	grep -q "'a' 1.5, '-1' 1.08, '3' 1.92, 'b' 0.5, '4' 0.08, '8' 0.92)" script
	# without a reconstruction
	cut -d, -f 1,2 rows.csv >x.csv
	with_script series -O svg x.csv
	run ! grep -q Reconstruction script
}

@test "ae-plot series: many rows are means, within the least and the largest" {
	awk 'BEGIN { print "a,recon.a"; for (i = 0; i < 8192; i++) print i % 8 "," 7 - i % 8 }' >rows.csv
	with_script series -O svg --size 1024x300 rows.csv
	[ "$(block panel0 | wc -l)" -eq 1024 ]
	[ "$(block panel0 | cut -d ' ' -f 2- | sort -u)" = '0.5 0.08 0.9199999999999999 0.5' ]
	grep -q "title 'Least to largest input'" script
	ae-cat --batch-rows 77 -o cut.aes rows.csv
	cp script whole
	with_script series -O svg --size 1024x300 cut.aes
	cmp script whole
}

@test "ae-plot series: --features, many features, and what is wrong" {
	awk 'BEGIN { for (i = 1; i <= 9; i++) printf "f%d%s", i, i < 9 ? "," : "\n"; print "1,2,3,4,5,6,7,8,9" }' >many.csv
	with_script series many.csv
	grep -q "^set label '6 of 9 features: --features names others'" script
	with_script series --features f9,f8,f1 many.csv
	grep -q "^set ytics scale 0 ('f9' 2.5" script
	expect_error 1 'many.csv: --features: x has no feature "f10"; the nearest is "f1"' ae-plot series --features f10 many.csv
	expect_error 1 'many.csv: --features: more than 16' ae-plot series --features a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q many.csv
	expect_error 2 '--features goes with series' ae-plot hist --features f1 many.csv
	printf 'err\n1\n' >err.csv
	expect_error 1 'err.csv: no column of role x*; ae-err --keep keeps x and recon' ae-plot series err.csv
}

@test "ae-plot series: one row, a constant, beyond f32, names of 60 characters" {
	need_gnuplot
	name=$(printf 'n%059d' 7)
	printf '%s,b%%\n1,2\n1,1e30\n1,2\n' "$name" >rows.csv
	ae-plot series -o a.svg rows.csv
	texts_of a.svg | grep -qx "${name::13}..${name: -13}"
	texts_of a.svg | grep -qx 'b%'
	head -n 2 rows.csv | ae-plot series -o one.svg
	ae-plot series rows.csv >a.txt
	[ "$(wc -L <a.txt)" -le 79 ]
}

@test "ae-plot series: clean under valgrind" {
	need_gnuplot
	valgrind_clean ae-plot series "$ROWS" -o a.svg
}

@test "ae-plot series: a small picture, and a first feature without values" {
	printf 'a,b\n1,2\n3,5\n' >rows.csv
	with_script series --size 300x100 -O svg rows.csv
	grep -qx "set ytics scale 0 ('a' 1.5, 'b' 0.5)" script
	printf 'a,b\n,2\n,3\n' >gaps.csv
	with_script series --missing mask -O svg gaps.csv
	grep -q "[$]panel1 .* title 'Input'" script
}
