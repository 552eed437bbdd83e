#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-plot heat: the error of every feature over time.
load helpers
load scoring
load plotting

ROWS=$ROOT/tests/expected/plot_heat.csv

@test "ae-plot heat: a picture of every format" {
	need_gnuplot
	drawn heat --title Pumps "$ROWS" '1000 300'
	grep -qx Pumps texts
	grep -qx 'Largest absolute error' texts
	[ "$(grep -cx '[abc]' texts)" -eq 3 ]
	[ "$(grep -c '^ *[abc] |.*|$' picture.txt)" -eq 3 ]
}

@test "ae-plot heat: every bin has the largest error of NumPy" {
	with_script heat --missing mask -O svg --size 200x300 "$ROWS"
	block heat | cut -d ' ' -f 2,3 | tr ' ' , >values
	near 1e-12 "$ROOT/tests/expected/plot_heat.txt" values
	# Errors that ae-err made are the same picture.
	ae-err --missing mask --metric mae --per-feature "$ROWS" | ae-cat --missing mask -c >errors.csv
	block heat >whole
	with_script heat -O svg --size 200x300 errors.csv
	block heat | tr ' ' , >other
	near 1e-6 <(tr ' ' , <whole) other
	grep -q "set cblabel 'Largest error'" script
}

@test "ae-plot heat -m: in units of the training errors, as of ae-err --standardise" {
	cut -d, -f 2-7 "$ROWS" | awk -F, 'NR == 1 || ($1 != "" && $2 != "" && $3 != "")' >x.csv
	cut -d, -f 1-3 x.csv >train.csv
	ae-normalize --fit standard -o train.n.aes train.csv
	ae-train -q --net 3-2-3 --epochs 3 -m m.aem train.n.aes
	ae-recon -m m.aem train.n.aes >recon.aes
	ae-err --keep --metric mae --per-feature --standardise -m m.aem -o units.aes recon.aes
	with_script heat -O svg units.aes
	block heat | tr ' ' , >wanted
	with_script heat -O svg -m m.aem recon.aes
	block heat | tr ' ' , >values
	near 1e-6 wanted values
	grep -q "set cblabel 'Largest error / training error'" script
	ae-train -q --net 3-1-3 --epochs 3 -m other.aem train.n.aes
	expect_error 1 '*: what is scored was not made with other.aem' ae-plot heat -m other.aem recon.aes
	expect_error 1 '*no errors of single features: *' ae-plot heat -m m.aem train.n.aes
}

@test "ae-plot heat: one feature, one row, names of 60 characters, many features" {
	need_gnuplot
	printf 'a,recon.a\n1,2\n' >one.csv
	ae-plot heat -o one.svg one.csv
	ae-plot heat one.csv | grep -q '^ *a |@|$'
	printf 'time,a,recon.a\n1700000000,1,2\n' >moment.csv
	with_script heat -O svg --time time moment.csv
	[ "$(grep '^set xrange' script | tail -n 1)" = 'set xrange [-0.5:0.5]' ]
	name=$(printf 'n%059d' 7)
	printf '%s,b%%d,recon.%s,recon.b%%d\n' "$name" "$name" >long.csv
	printf '1,2,3,4\n1,2,4,2\n' >>long.csv
	ae-plot heat -o long.svg long.csv
	texts_of long.svg | grep -qx "${name::13}..${name: -13}"
	texts_of long.svg | grep -qx 'b%d'
	awk 'BEGIN {
		for (i = 1; i <= 100; i++) printf "f%d,", i
		for (i = 1; i <= 100; i++) printf "recon.f%d%s", i, i < 100 ? "," : "\n"
		for (row = 0; row < 5; row++) {
			for (i = 1; i <= 100; i++) printf "0,"
			for (i = 1; i <= 100; i++) printf "%d%s", i == 90 ? 1000 : i, i < 100 ? "," : "\n"
		}
	}' >many.csv
	with_script heat -O svg many.csv
	grep -qx "set ylabel '42 of 100 features, of the largest errors'" script
	grep -q "^set ytics scale 0 ('f59' 41, 'f60' 40" script
	ae-plot heat many.csv | grep -qx '21 of 100 features, of the largest errors'
}

@test "ae-plot heat: --range, --log and an error beyond f32" {
	printf 'a,b,recon.a,recon.b\n1,2,1.5,2.25\n1e30,2,1.5,4\n' >rows.csv
	with_script heat -O svg rows.csv
	grep -qx 'set cbrange \[0:2\]' script
	with_script heat -O svg --log rows.csv
	grep -qx 'set cbrange \[0.25:2\]' script
	grep -qx 'set logscale cb' script
	with_script heat -O svg --range 0,10 rows.csv
	grep -qx 'set cbrange \[0:10\]' script
	expect_error 2 '--log --range 0,1: *' ae-plot heat --log --range 0,1 rows.csv
}

@test "ae-plot heat: clean under valgrind" {
	valgrind_clean ae-plot heat --missing mask "$ROWS" >out
}

@test "ae-plot heat: the title of text is one line without control characters" {
	printf 'a,recon.a\n1,2\n' >one.csv
	[ "$(ae-plot heat --title $'x\e[31mred\a\nsecond' one.csv | head -n 1)" = 'x [31mred  second' ]
	ae-plot heat --title "a$(printf 'Я%.0s' {1..110})" one.csv | iconv -f UTF-8 -t UTF-8 >wide.txt
	[ "$(head -n 1 wide.txt | tr -d '\200-\277' | wc -c)" -le 80 ]
}
