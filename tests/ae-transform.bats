#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-transform: fixed rules that make x easier to reconstruct.
load helpers
load fixture

E=$ROOT/tests/expected/transform

# close GOT WANTED TOLERANCE: the numbers of two CSV files, each to this relative or absolute error; "nan" is itself.
close() {
	paste -d, "$1" "$2" | awk -F, -v tolerance="$3" '{
		n = NF / 2
		for (i = 1; i <= n; i++) {
			a = $i; b = $(i + n)
			d = a - b; d = d < 0 ? -d : d
			size = b < 0 ? -b : b
			if (n != int(n) || (a == "nan") != (b == "nan") || (a != b && (a != a + 0 || b != b + 0) && a !~ /^-?[0-9]/) || d > tolerance * (1 + size)) {
				print NR ": " a " and " b
				bad = 1
			}
		}
	} END { exit bad || NR == 0 }'
}

# pixels OPTION...: what becomes of the two images, a line each.
pixels() {
	ae-transform "$@" -c "$E/images.ppm" | tail -n +2
}

@test "ae-transform: --help, --version, unknown options" {
	check_manners ae-transform 'a,b --baseline mean:2' 'a,b --log1p'
}

@test "ae-transform: what is wrong in the arguments alone is status 2" {
	expect_error 2 'no transform is given, nor -m FILE' ae-transform "$F/test.aes"
	expect_error 2 '--baseline mean: expected a whole number from 1 to 1048576 behind "mean:"' ae-transform --baseline mean "$F/test.aes"
	expect_error 2 '--baseline mean:0: expected *' ae-transform --baseline mean:0 "$F/test.aes"
	expect_error 2 'unknown --baseline "meen:3"; did you mean mean?' ae-transform --baseline meen:3 "$F/test.aes"
	expect_error 2 '--diff 0: expected a whole number *' ae-transform --diff 0 "$F/test.aes"
	expect_error 2 'unknown word of --color "gray"; did you mean grey?' ae-transform --color gray "$F/test.aes"
	expect_error 2 '--resize 8: expected HxW, such as 64x64, *' ae-transform --resize 8 "$F/test.aes"
	expect_error 2 '--resize 0x8: expected HxW, *' ae-transform --resize 0x8 "$F/test.aes"
	expect_error 2 'option --log1p=2 takes no argument' ae-transform --log1p=2 "$F/test.aes"
	local many=()
	for _ in {1..17}; do many+=(--log1p); done
	expect_error 2 'more than 16 transforms' ae-transform "${many[@]}" "$F/test.aes"
}

@test "ae-transform --baseline and --diff: as NumPy makes them of each group" {
	local kind
	for kind in mean median ewma diff; do
		if [ $kind = diff ]; then set -- --diff 6; else set -- --baseline $kind:6; fi
		ae-transform "$@" --group id --missing mask -c "$E/series.csv" >got.csv
		close <(tail -n +2 got.csv | cut -d, -f2-) <(tail -n +2 "$E/$kind.csv" | cut -d, -f2-) 1e-14
		[ "$(head -n 1 got.csv)" = id,a,b ]
		ae-cat --missing mask "$E/series.csv" >series.aes
		same_for_batches series.aes ae-transform "$@" --group id
	done
}

@test "ae-transform --color and --resize: as Pillow and NumPy make them" {
	pixels --color diff >got
	close got "$E/color-diff.txt" 1e-7
	# Pillow rounds to whole numbers, by tables that are off by a little
	awk -F, -v OFS=, '{ for (i = 1; i <= NF; i++) $i = sprintf("%.0f", $i); print }' <(pixels --color grey) >got
	paste -d, got "$E/grey.pillow.txt" | awk -F, '{ for (i = 1; i <= NF / 2; i++) if (($i - $(i + NF / 2)) ^ 2 > 1) exit 1 } END { exit NR != 2 }'
	paste -d, <(pixels --color ycbcr) "$E/ycbcr.pillow.txt" | awk -F, '{ for (i = 1; i <= NF / 2; i++) if (($i - $(i + NF / 2)) ^ 2 > 1.1) { print $i, $(i + NF / 2); exit 1 } } END { exit NR != 2 }'
	pixels --resize 6x5 >got
	close got "$E/resize-halves.txt" 1e-7
	paste -d, got "$E/resize-halves.pillow.txt" | awk -F, '{ for (i = 1; i <= NF / 2; i++) if (($i - $(i + NF / 2)) ^ 2 > 0.26) exit 1 } END { exit NR != 2 }'
	pixels --resize 5x7 >got
	close got "$E/resize-5x7.txt" 1e-7
	pixels --resize 20x3 >got
	close got "$E/resize-20x3.txt" 1e-7
	ae-transform --color diff --resize 6x5 "$E/images.ppm" | ae-info | grep -q '\[6,5,2]'
	ae-transform --resize 6x5 --color grey "$E/images.ppm" | ae-info | grep -q '\[6,5,1]'
	# what white is stays with the images, and goes where the values are no shades any more
	sed '1s/255/200/' "$E/images.ppm" | head -c 373 | LC_ALL=C tr '\310-\377' '\0-\67' >dark.ppm
	ae-transform --resize 6x5 --color grey dark.ppm | ae-info | grep -q 'maxval 200'
	ae-transform --color diff dark.ppm >d.aes
	! ae-info d.aes | grep -q maxval || false
	# linear, so the order matters in the last digits alone
	close <(pixels --color diff --resize 6x5) <(pixels --resize 6x5 --color diff) 1e-6
	cat "$E"/images.ppm{,,,,,} | ae-cat --batch-rows 5 >i.aes
	same_for_batches i.aes ae-transform --color ycbcr --resize 3x3
}

@test "ae-transform --log1p, and the order of several transforms" {
	printf 'id,a,b\n1,0,1\n2,3,-0.5\n' >in.csv
	ae-transform --log1p -c in.csv | tail -n +2 >got
	python3 -c 'import math; print(1, 0, math.log1p(1), sep=","); print(2, math.log1p(3), math.log1p(-0.5), sep=",")' >wanted
	close got wanted 1e-15
	[ "$(ae-transform --log1p --diff 1 -c in.csv | tail -n 1 | cut -d, -f2)" = "$(sed -n 2p got | cut -d, -f2)" ]
	[ "$(ae-transform --diff 1 --log1p -c in.csv 2>/dev/null | tail -n 1)" = '!' ]
	[ "$(ae-transform --diff 1 --diff 1 -c <(seq 5 | sed 1ia) | paste -sd ' ')" = 'a nan nan 0 0 0' ]
	printf 'id,a\n1,5\n2,-1\n3,6\n' >low.csv
	expect_error 1 'low.csv: line 3: "a": --log1p needs values above -1; --on-bad skip leaves such rows out' ae-transform --log1p low.csv
	ae-transform --log1p --on-bad skip -c low.csv 2>err.txt | cut -d, -f1 | paste -sd ' ' >got
	[ "$(<got)" = 'id 1 3' ]
	[ "$(tail -n 1 err.txt)" = 'ae-transform: 1 bad row left out' ]
}

@test "ae-transform: a row without a past is missing, and a missing value is no part of the past" {
	printf 'id,time,a\nm,0,1\nn,1,10\nm,2,3\nm,4,\nm,5,7\nm,99,9\nm,100,11\n' >g.csv
	[ "$(ae-transform --baseline mean:2 --group id --missing mask -c g.csv | cut -d, -f3 | paste -sd ' ')" = 'a nan nan 2 nan 5 4 3' ]
	[ "$(ae-transform --baseline mean:2 --missing mask -c g.csv | cut -d, -f3 | paste -sd ' ')" = 'a nan 9 -2.5 nan 0.5 4 3' ]
	[ "$(ae-transform --baseline mean:2 --group id --max-gap 1m --missing mask -c g.csv 2>err.txt | cut -d, -f3 | paste -sd ' ')" = 'a nan nan 2 nan 5 nan 2' ]
	[ "$(<err.txt)" = 'ae-transform: 1 gap longer than 1m (--max-gap): the group starts anew after it' ]
	ae-transform --baseline mean:2 --missing mask g.csv | ae-info | grep -qE 'x +x +f64 +\[1\] missing|x +x +f64 .*missing'
}

@test "ae-transform: a past that no group has is said" {
	seq 5 | sed 1ia >five.csv
	ae-transform --baseline mean:5 -o out.aes five.csv 2>err.txt
	[ "$(<err.txt)" = 'ae-transform: --baseline mean:5: no stream has more than 5 rows' ]
	ae-transform --baseline mean:4 -o out.aes five.csv 2>err.txt
	[ ! -s err.txt ]
	ae-transform --diff 9 --group a -o out.aes --pass a --x b <(printf 'a,b\n1,2\n') 2>err.txt
	[ "$(<err.txt)" = 'ae-transform: --diff 9: no group has more than 9 rows' ]
}

@test "ae-transform: what cannot be transformed" {
	expect_error 1 '*: --color: x has the shape \[140]: red, green and blue are \[height, width, 3]' ae-transform --color diff "$F/test.aes"
	expect_error 1 '*: --resize: x has the shape \[140]: an image is *' ae-transform --resize 2x2 "$F/test.aes"
	printf 'P5 2 1 255\n\1\2' >grey.pgm
	expect_error 1 'grey.pgm: --color: x has the shape \[1,2,1]: *' ae-transform --color grey grey.pgm
	expect_error 1 '*: there is a recon of this x: use ae-transform before what made it' ae-transform --log1p "$F/test.r.aes"
	expect_error 1 '*: no column of role x*' ae-transform --log1p "$F/test.e.aes"
	printf 'id,a\n1,2\n' >in.csv
	expect_error 1 'in.csv: --group: no column "ids"; the nearest is "id"' ae-transform --diff 1 --group ids in.csv
	expect_error 1 '*: --resize 60000x60000: more than 2147483647 values' ae-transform --resize 60000x60000 "$E/images.ppm"
	# channels count
	expect_error 1 '*: --resize 30000x30000: more than 2147483647 values' ae-transform --resize 30000x30000 "$E/images.ppm"
}

@test "ae-transform --state: two runs give what one gives" {
	local at
	head -n 121 "$E/series.csv" >all.csv
	for kind in '--baseline mean:6' '--baseline median:5 --diff 3' '--diff 4 --baseline ewma:3'; do
		# shellcheck disable=SC2086 # they are words
		ae-transform $kind --group id --missing mask -q -c all.csv >whole.csv
		for at in 2 60; do
			rm -f s.state
			head -n $at all.csv >one.csv
			{ head -n 1 all.csv && tail -n +$((at + 1)) all.csv; } >two.csv
			# shellcheck disable=SC2086
			{ ae-transform $kind --group id --missing mask --state s.state -q -c one.csv &&
				ae-transform $kind --group id --missing mask --state s.state -q -c two.csv | tail -n +2; } | cmp - whole.csv
		done
	done
	expect_error 1 'two.csv: --state s.state: a state of other settings: it has diff 4, baseline ewma:3, group id, this run diff 4, group id; remove *' \
		ae-transform --diff 4 --group id --missing mask --state s.state two.csv
}

@test "ae-transform: a cut stream is an error, /dev/full too, and a reader that has gone ends it quietly" {
	same_for_cuts "$F/test.aes" ae-transform --baseline mean:3
	expect_error 1 '<stdout>: No space left on device' full ae-transform --diff 1 "$F/test.aes"
	quiet_when_closed ae-transform --baseline ewma:3 "$F/test.aes"
}

@test "ae-transform: clean under valgrind" {
	ae-cat --missing mask "$E/series.csv" >series.aes
	valgrind_clean ae-transform --baseline median:5 --diff 2 --baseline mean:3 --group id --max-groups 2 -q series.aes >out.aes
	valgrind_clean ae-transform --resize 5x7 --color ycbcr "$E/images.ppm" >out.aes
}

# sensors N: rows of two machines with two sensors that drift.
sensors() {
	awk -v n="$1" 'BEGIN {
		srand(4)
		print "id,a,b"
		for (i = 0; i < n; i++)
			printf "%s,%.4f,%.4f\n", i % 2 ? "m" : "n", i / 10 + rand(), rand() - i / 20
	}'
}

@test "ae-transform -m: the transforms of the model's training, in their place of the list" {
	sensors 200 >s.csv
	ae-transform --baseline mean:5 --group id s.csv | ae-window --size 3 --group id --drop-incomplete | ae-normalize -q --fit standard |
		ae-train -q --net 6-3-6 --epochs 2 -m m.aem
	ae-transform --baseline mean:5 --group id s.csv | ae-window --size 3 --group id | ae-normalize -m m.aem | ae-recon -m m.aem -c >wanted.csv
	ae-transform -m m.aem s.csv | ae-window -m m.aem | ae-normalize -m m.aem | ae-recon -m m.aem -c | cmp - wanted.csv
	ae-info m.aem | grep -q 'ae-transform.*baseline mean:5, group id'
	ae-transform -m m.aem s.csv | ae-info | grep -q 'ae-transform.*baseline mean:5, group id'
	# another step first, another length, the same step twice, none at all
	expect_error 1 '*ae-transform*' pipe 'ae-window --size 3 --group id s.csv | ae-transform -m m.aem'
	expect_error 1 '*' pipe 'ae-transform -m m.aem s.csv | ae-transform -m m.aem'
	ae-transform --baseline mean:6 --group id s.csv >six.aes
	expect_error 1 '*baseline mean:6*baseline mean:5*' ae-window -m m.aem six.aes
	expect_error 1 '*ae-transform -m m.aem*' ae-window -m m.aem s.csv
	expect_error 2 '--diff: with -m it comes from m.aem' ae-transform -m m.aem --diff 1 s.csv
	expect_error 2 '--group: with -m it comes from m.aem' ae-transform -m m.aem --group id s.csv
	# a model that knows of no transform
	ae-train -q --net 2-1-2 --epochs 1 -m plain.aem s.csv
	expect_error 1 '*' ae-transform -m plain.aem s.csv
	# a feature order of their own: the columns are found by their names before the transform
	awk -F, -v OFS=, '{ print $1, $3, $2 }' s.csv >swapped.csv
	ae-transform -m m.aem swapped.csv | ae-window -m m.aem | ae-normalize -m m.aem | ae-recon -m m.aem -c | cmp - wanted.csv
}

@test "ae-transform --invert: what has an inverse comes back, all else is refused" {
	printf 'id,a,b\n1,0,1e6\n2,3,-0.5\n' >in.csv
	ae-transform --log1p --log1p --invert -c <(ae-transform --log1p --log1p -c in.csv) | tail -n +2 >got
	close got <(tail -n +2 in.csv) 1e-13
	ae-transform --log1p in.csv >l.aes
	close <(ae-transform --invert -c l.aes | tail -n +2) <(tail -n +2 in.csv) 1e-13
	ae-transform --invert l.aes >back.aes
	! ae-info back.aes | grep -q ae-transform || false
	close <(ae-transform --color ycbcr "$E/images.ppm" | ae-transform --invert -c | tail -n +2) <(ae-cat -c "$E/images.ppm" | tail -n +2) 1e-5
	# a recon comes back with x
	ae-transform --log1p <(sensors 50 | awk -F, -v OFS=, 'NR > 1 { $2 = NR; $3 = 2 * NR } { print }') >s.aes
	ae-train -q --net 2-2 --epochs 1 -m n.aem s.aes
	ae-recon -m n.aem s.aes >r.aes
	ae-transform --invert -c r.aes | head -n 1 | grep -qx 'id,a,b,recon.a,recon.b'
	python3 - <(ae-cat -c r.aes) <(ae-transform --invert -c r.aes) <<-'END'
		import csv, math, sys
		for before, after in zip(*(list(csv.reader(open(name)))[1:] for name in sys.argv[1:])):
		    for b, a in zip(before[1:], after[1:]):
		        assert abs(math.expm1(float(b)) - float(a)) <= 1e-6 * (1 + abs(float(a))), (b, a)
	END
	expect_error 1 'back.aes: nothing to invert: x has gone through no ae-transform' ae-transform --invert back.aes
	expect_error 1 'in.csv: text does not say *' ae-transform --invert in.csv
	expect_error 1 'l.aes: --log1p: the stream says *' ae-transform --log1p --invert l.aes
	ae-transform --baseline mean:2 in.csv >b.aes 2>/dev/null
	expect_error 1 'b.aes: --baseline mean:2 has no inverse' ae-transform --invert b.aes
	ae-transform --color grey "$E/images.ppm" >g.aes
	expect_error 1 'g.aes: --color grey has no inverse' ae-transform --invert g.aes
	ae-normalize -q --fit minmax l.aes >n.aes
	expect_error 1 'n.aes: the last step of x is that of ae-normalize, which is to be undone first' ae-transform --invert n.aes
	expect_error 2 '-m and --invert exclude each other' ae-transform -m n.aem --invert l.aes
}

@test "ae-transform: rows that are left out are no part of any past, nor of the state" {
	# bad.csv has rows that --log1p cannot take, good.csv is without them
	local options
	cat >bad.csv <<-'END'
		id,time,a
		m,0,1
		m,10,2
		m,30,2
		m,50,-50
		m,60,3
		k,61,-1000
		m,200,-8000
		m,110,4
		m,120,5
	END
	grep -v -- ,- bad.csv >good.csv
	while read -r options; do
		rm -f bad.state good.state
		# shellcheck disable=SC2086 # they are words
		ae-transform $options --x a --on-bad skip --state bad.state -c -o bad.out bad.csv
		# shellcheck disable=SC2086
		ae-transform $options --x a --on-bad skip --state good.state -c -o good.out good.csv
		cmp bad.out good.out
		cmp bad.state good.state
	done <<-'END'
		--log1p --baseline mean:2
		--log1p --baseline median:3 --group id
		--log1p --baseline ewma:3 --group id --max-gap 45s
		--log1p --diff 1 --group id --max-gap 55s
		--log1p --group id --max-gap 30s
		--diff 2 --log1p --baseline mean:2 --max-gap 1h
		--baseline mean:2 --log1p --diff 1 --max-gap 1h
	END
	printf 'x\n1\n2\n-50\n3\n4\n' | ae-transform --baseline mean:2 --log1p --on-bad skip -c -q | tail -n 2 | paste -sd, |
		grep -q '^0.916.*,0.916'
}

@test "ae-transform --resize: memory does not grow with the rows of a batch" {
	unsanitized 'it takes memory for itself'
	awk 'BEGIN { for (i = 0; i < 500; i++) { for (k = 0; k < 64; k++) printf "%s%d", k ? "," : "", (i + k) % 7; print "" } }' |
		ae-cat -H --shape 8,8,1 --f32 -o small.aes
	resident_below 150000 ae-transform --resize 512x512 small.aes >/dev/null
}
