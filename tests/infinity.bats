#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# An infinite score, which another program may have written, counts as the largest number of its sign everywhere.
load helpers
load scoring

LARGEST=1.7976931348623157e+308

# inf.aes: labels 0 0 1 1 0, scores 1 2 3 inf -inf; finite.aes: the same with 4 and -4 in their place
setup() {
	helpers_setup
	local header='\x81\xa4cols\x92\x84\xa4name\xa5label\xa4role\xa5label\xa4type\xa4text\xa5shape\x90'
	header+='\x84\xa4name\xa3err\xa4role\xa3err\xa4type\xa3f64\xa5shape\x90'
	local rows='\x95\x01\x05\xc4\x19\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x05\0\0\0\x30\x30\x31\x31\x30\xc4\x28'
	rows+='\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\x40\0\0\0\0\0\0\x08\x40'
	local end='\x93\x02\x81\xa4rows\x05'
	hand_made "$header" "$rows"'\0\0\0\0\0\0\xf0\x7f\0\0\0\0\0\0\xf0\xff' "$end" >inf.aes
	hand_made "$header" "$rows"'\0\0\0\0\0\0\x10\x40\0\0\0\0\0\0\x10\xc0' "$end" >finite.aes
}

@test "infinity: text has the largest number in its place, and reads back" {
	ae-cat -c inf.aes >inf.csv
	printf 'label,err\n0,1\n0,2\n1,3\n1,%s\n0,-%s\n' $LARGEST $LARGEST | cmp - inf.csv
	ae-cat inf.csv | ae-cat -c | cmp - inf.csv
	# binary stays as it came
	ae-cat inf.aes | ae-cat -c --where err=inf | grep -c , | grep -qx 2
}

@test "infinity: a verdict at every threshold" {
	local at
	for at in -1e300 0 3 1e300 $LARGEST; do
		ae-thresh --at="$at" inf.aes >aes.csv
		[ "$(sed -n 5p aes.csv)" = "1,$LARGEST,1" ]
		[ "$(sed -n 6p aes.csv)" = "0,-$LARGEST,0" ]
		ae-cat -c inf.aes | ae-thresh --at="$at" | cmp - aes.csv
	done
	ae-thresh --at="-$LARGEST" inf.aes | grep -c ',1$' | grep -qx 5
}

@test "infinity: it is the first or last of all in every curve, and JSON stays JSON" {
	ae-metrics --anomaly 1 --json finite.aes >finite.json
	ae-metrics --anomaly 1 --json inf.aes | cmp - finite.json
	ae-cat -c inf.aes | ae-metrics --anomaly 1 --json | cmp - finite.json
	# the infinite score alone as the best threshold is a number
	ae-metrics --anomaly 1 --json --where 'err!=3' inf.aes >best.json
	grep -q "\"best_threshold\": $LARGEST," best.json
	ae-metrics --anomaly 0 --json --where 'err=inf,-inf' inf.aes >worst.json
	grep -q "\"best_threshold\": -$LARGEST," worst.json
	[ -x /usr/bin/python3 ] || skip 'no /usr/bin/python3 to read JSON with'
	/usr/bin/python3 - <<-'PY'
		import json


		def refuse(word):
		    raise ValueError(word)


		for name in ("finite", "best", "worst"):
		    json.load(open(name + ".json"), parse_constant=refuse)
	PY
}

@test "infinity: charts draw the same curves, a histogram has no place for it" {
	command -v gnuplot >/dev/null || skip 'no gnuplot (Debian: gnuplot-nox)'
	local kind
	for kind in roc pr; do
		ae-plot $kind --anomaly 1 --at 2.5 finite.aes >finite.txt
		ae-plot $kind --anomaly 1 --at 2.5 inf.aes | cmp - finite.txt
		ae-cat -c inf.aes | ae-plot $kind --anomaly 1 --at 2.5 | cmp - finite.txt
	done
	ae-plot hist inf.aes >inf.txt 2>note
	[ "$(<note)" = 'ae-plot: rows that are not in the picture: 2' ]
	ae-cat -c inf.aes | ae-plot hist 2>note | cmp - inf.txt
	[ "$(<note)" = 'ae-plot: rows that are not in the picture: 2' ]
}

@test "infinity: a threshold is fitted on it where that gives a number" {
	ae-thresh -q --fit quantile:0.5 --save inf.aem inf.aes >inf.txt
	ae-thresh -q --fit quantile:0.5 --save finite.aem finite.aes | cmp - inf.txt
	ae-cat -c inf.aes | ae-thresh -q --fit quantile:0.5 --save inf.aem | cmp - inf.txt
	ae-thresh -q --fit mad:3 --save inf.aem inf.aes >inf.txt
	ae-thresh -q --fit mad:3 --save finite.aem finite.aes | cmp - inf.txt
	expect_error 1 "inf.aes: row 4: err is 1e30 or more, as readings beyond f32 have it, and a mean does not bear it: --where 'err<1e30' leaves such rows out" \
		ae-thresh -q --fit sigma:3 --save s.aem inf.aes
	[ ! -e s.aem ]
	expect_error 1 'inf.aes: the errors are too large to fit a threshold: *' ae-thresh -q --fit quantile:1 --save s.aem inf.aes
	ae-thresh -q --fit sigma:3 --where 'err<inf' --where 'err>-inf' --save s.aem inf.aes >/dev/null
}
