#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-normalize's scalers: what each method fits, per column and per tensor; --save, -m, --invert, --missing=mean.
load helpers
load scoring

setup() {
	helpers_setup
	printf 'id,a,b\nu1,0,10\nu2,1,20\nu3,2,-40\nu4,4,50\nu5,8,0\n' >ab.csv
}

# fit METHOD [OPTION...]: the scaled rows of ab.csv, without the ids
fit() {
	ae-normalize --fit "$@" ab.csv | ae-cat -c --cols x | tail -n +2 | paste -sd ' '
}

@test "ae-normalize --fit minmax: the least is 0, the most is 1" {
	[ "$(fit minmax)" = '0,0.5555556 0.125,0.6666667 0.25,0 0.5,1 1,0.44444445' ]
	[ "$(fit minmax --per tensor)" = '0.44444445,0.5555556 0.45555556,0.6666667 0.46666667,0 0.4888889,1 0.53333336,0.44444445' ]
}

@test "ae-normalize --fit standard: mean 0, the population's standard deviation 1" {
	# a: mean 3, variance 8; b: mean 8, variance 856
	awk 'BEGIN { print "a,b"; n = split("0 1 2 4 8", a); split("10 20 -40 50 0", b)
		for (i = 1; i <= n; i++) printf "%.9f,%.9f\n", (a[i] - 3) / sqrt(8), (b[i] - 8) / sqrt(856) }' >wanted.csv
	ae-normalize --fit standard ab.csv | ae-cat -c --cols x >got.csv
	near 1e-6 wanted.csv got.csv
}

@test "ae-normalize --fit robust: the median is 0, the quartiles are 1 apart" {
	# a: median 2, quartiles 1 and 4; b: median 10, quartiles 0 and 20
	[ "$(fit robust)" = '-0.6666667,0 -0.33333334,0.5 0,-2.5 0.6666667,2 2,-0.5' ]
	# all ten: -40 0 0 1 2 4 8 10 20 50: median 3, quartiles 0.25 and 9.5
	[ "$(fit robust --per tensor | cut -d' ' -f5)" = 0.5405405,-0.3243243 ]
}

@test "ae-normalize --fit maxabs: the largest absolute value is 1, 0 stays 0" {
	[ "$(fit maxabs)" = '0,0.2 0.125,0.4 0.25,-0.8 0.5,1 1,0' ]
	[ "$(fit maxabs --per tensor)" = '0,0.2 0.02,0.4 0.04,-0.8 0.08,1 0.16,0' ]
}

@test "ae-normalize --fit div:K: divided by K, and a live stream need not wait" {
	[ "$(fit div:4 | cut -d' ' -f1-3)" = '0,2.5 0.25,5 0.5,-10' ]
	[ "$(fit div:0.5 | cut -d' ' -f2)" = 2,40 ]
	local k
	for k in 0 -1 nan x '' inf; do
		expect_error 2 "*div*" ae-normalize --fit "div:$k" ab.csv
	done
	expect_error 2 'unknown scaler "minmaks"; did you mean minmax?' ae-normalize --fit minmaks ab.csv
	expect_error 2 'unknown word of --per "row": expected column or tensor' ae-normalize --fit minmax --per row ab.csv
}

@test "ae-normalize: a column is a place of the last axis" {
	printf '0,10,1,20\n2,30,3,40\n' >image.csv
	ae-normalize -H --shape 2,2 --fit minmax image.csv | ae-cat -c >out.csv
	[ "$(sed -n 2p out.csv)" = 0,0,0.33333334,0.33333334 ]
	[ "$(sed -n 3p out.csv)" = 0.6666667,0.6666667,1,1 ]
}

@test "ae-normalize: target is scaled as x is, by what was fitted on x" {
	printf 'a,target.a\n0,5\n10,20\n' | ae-normalize --fit minmax -c >out.csv
	[ "$(<out.csv)" = $'a,target.a\n0,0.5\n1,2' ]
}

@test "ae-normalize: u8 and f32 are scaled as f64 is" {
	printf '0\n51\n255\n' | ae-cat -H -o bytes.aes
	printf '0\n51\n255\n' | ae-cat -H --f32 -o f32.aes
	same 'ae-normalize --fit minmax -c bytes.aes' 'ae-normalize --fit minmax -c f32.aes'
	[ "$(ae-normalize --fit div:255 -c f32.aes | paste -sd ' ')" = 'x.1 0 0.2 1' ]
}

@test "ae-normalize --save: the scaler alone, for -m; the same as fitting on the same rows" {
	local method
	for method in minmax standard robust maxabs div:3; do
		ae-normalize --fit $method --save s.aem -o fitted.aes ab.csv
		ae-normalize -m s.aem ab.csv | cmp - fitted.aes
		ae-info s.aem | grep -q "^scaler *$method"
	done
	printf 'id,a,b\nz,16,100\n' >more.csv
	ae-normalize --fit minmax --save s.aem ab.csv >/dev/null
	[ "$(ae-normalize -m s.aem -c more.csv)" = $'id,a,b\nz,2,1.5555556' ] # nothing is clipped
	expect_error 2 '--save and --per go with --fit' ae-normalize -m s.aem --save t.aem ab.csv
	expect_error 1 's.aem: holds no network; *' ae-recon -m s.aem ab.csv
}

@test "ae-normalize --save: a model can be trained of either, and takes the scaler with it" {
	ae-normalize --fit minmax --save s.aem -o scaled.aes ab.csv
	ae-normalize -m s.aem ab.csv | ae-train -q --net 2-1-2 --epochs 1 -m one.aem
	ae-train -q --net 2-1-2 --epochs 1 -m two.aem scaled.aes
	cmp one.aem two.aem
	ae-normalize -m one.aem ab.csv | cmp - scaled.aes
}

@test "ae-normalize: rows of another shape, or other names, are refused, by a tensor's scaler too" {
	local per
	printf 'id,a,b,c\nu1,1,2,3\n' >abc.csv
	ae-cat -o abc.aes abc.csv
	printf 'id,c,b\nu1,1,2\n' >cb.csv
	printf 'u1,1,2\n' >unnamed.csv
	for per in column tensor; do
		ae-normalize --fit minmax --per $per --save s.aem ab.csv >/dev/null
		expect_error 1 'abc.aes: column "x": expected 2 values of shape \[2\], got 3 of shape \[3\]' ae-normalize -m s.aem abc.aes
		expect_error 1 'cb.csv: line 1: no column "a", which the model takes' ae-normalize -m s.aem cb.csv
		ae-normalize -H --id 1 -m s.aem unnamed.csv >fits.aes
	done
}

@test "ae-normalize --invert: undoes what was done, and the stream says so" {
	local method per
	for method in minmax standard robust maxabs div:3; do
		for per in column tensor; do
			ae-normalize --fit $method --per $per ab.csv | ae-normalize --invert -o back.aes
			near 2e-5 ab.csv <(ae-cat -c back.aes)
			ae-info back.aes | grep -q '^scaler *none$'
		done
	done
	expect_error 1 'ab.csv: nothing to invert: x is not scaled, or text does not say so: -m FILE gives the scaler' ae-normalize --invert ab.csv
	expect_error 1 'back.aes: nothing to invert: x is not scaled' ae-normalize --invert back.aes
	expect_error 2 '--fit, -m and --invert exclude each other' ae-normalize --invert --fit minmax ab.csv
}

@test "ae-normalize --invert: recon and target go back with x" {
	ae-normalize --fit minmax --save s.aem ab.csv >scaled.aes
	ae-train -q --net 2-1-2 --epochs 1 -m m.aem scaled.aes
	ae-noise --mask 0.5 scaled.aes | ae-recon -m m.aem -o r.aes
	ae-normalize --invert -o back.aes r.aes
	# (the roles come in the order x, target, recon)
	near 1e-5 <(ae-cat -c --cols target back.aes | sed 's/target\.//g') <(ae-cat -c --cols x ab.csv)
	ae-cat -c --cols recon r.aes | tail -n +2 | awk -F, '{ printf "%.9f,%.9f\n", $1 * 8, $2 * 90 - 40 }' >wanted
	near 1e-4 wanted <(ae-cat -c --cols recon back.aes | tail -n +2)
	same 'ae-cat -c r.aes | ae-normalize --invert -m m.aem | ae-cat -c' 'ae-cat -c back.aes'
}

@test "ae-normalize --invert: errors are in original units after it" {
	ae-normalize --fit div:10 ab.csv >scaled.aes
	ae-train -q --net 2-1-2 --epochs 1 --lr 0 -m m.aem scaled.aes
	ae-recon -m m.aem -o r.aes scaled.aes
	ae-err --metric mae -c r.aes | cut -d, -f2 >scaled
	ae-normalize --invert r.aes | ae-err --metric mae -o e.aes
	ae-info e.aes | grep -q 'err *mae against x, original units'
	paste <(ae-cat -c e.aes | cut -d, -f2) scaled |
		awk 'NR > 1 { gap = $1 - 10 * $2; if (gap > 1e-4 || gap < -1e-4) exit 1 } END { exit NR != 6 }'
}

@test "ae-normalize: a scaled value that no f32 holds is 1e30, and that is said" {
	printf 'a\n0\n1e-300\n' | ae-normalize -q --fit minmax --save s.aem >/dev/null
	[ "$(ae-normalize -m s.aem -c <(printf 'a\n1\n-1\n') 2>err.txt)" = $'a\n1e+30\n-1e+30' ]
	[ "$(tail -n 1 err.txt)" = 'ae-normalize: 2 values beyond f32 were taken as 1e30' ]
}

# ---- missing values ----

@test "ae-normalize --missing=mask: holes count in no statistic, and stay" {
	printf 'a,b\n0,\n,10\n4,20\n' >holes.csv
	[ "$(ae-normalize --missing=mask --fit minmax -c holes.csv)" = $'a,b\n0,nan\nnan,0\n1,1' ]
	ae-normalize --missing=mask --fit minmax holes.csv | ae-info | grep -qE 'f32 +\[2\] missing'
	[ "$(ae-normalize --missing=skip -q --fit minmax -c <(printf 'a,b\n0,\n4,20\n8,30\n'))" = $'a,b\n0,0\n1,1' ]
}

@test "ae-normalize --missing=mean: holes become the mean of the fitted rows" {
	printf 'a,b\n0,\n,10\n4,20\n5,30\n' >holes.csv
	[ "$(ae-normalize --missing=mean --fit minmax -c holes.csv)" = $'a,b\n0,0.5\n0.6,0\n0.8,0.5\n1,1' ] # means 3 and 20
	[ "$(ae-normalize --missing=mean --fit standard -c holes.csv | sed -n 3p | cut -d, -f1)" = 0 ]
	ae-normalize --missing=mean --fit minmax --save s.aem holes.csv >full.aes
	ae-info full.aes | grep -qE 'f32 +\[2\] "a" to "b"$' # nothing is missing any more
	[ "$(ae-normalize --missing=mean -m s.aem -c <(printf 'a,b\n,10\n1,\n') 2>err.txt)" = $'a,b\n0.6,0\n0.2,0.5' ] # the mean of then, not of now
	# while a pipe waits it says so too, with the latest
	[ "$(tail -n 1 err.txt)" = 'ae-normalize: 2 missing values became the mean' ]
	ae-normalize -q --missing=mean -m s.aem -c <(printf 'a,b\n,10\n') 2>err.txt >/dev/null
	[ ! -s err.txt ]
	# Of a row without any value nothing is known.
	[ "$(ae-normalize --missing=mean -m s.aem -c <(printf 'a,b\n,\n1,10\n') 2>err.txt)" = $'a,b\nnan,nan\n0.2,0' ]
	[ "$(<err.txt)" = 'ae-normalize: 2 stayed missing: their rows have no value' ]
	ae-normalize --missing=mean -m s.aem -o r.aes <(printf 'a,b\n,\n1,\n') 2>&1 | tail -n 1 |
		cmp - <(echo 'ae-normalize: 1 missing value became the mean; 2 stayed missing')
	ae-train -q --net 2-1-2 --epochs 1 -m m.aem full.aes
	ae-normalize --missing=mean -m m.aem <(printf 'a,b\n,\n1,10\n') | ae-recon -m m.aem | ae-err | ae-thresh --at 9 | cut -d, -f2 |
		cmp - <(printf 'pred\n\n0\n')
	ae-normalize --missing=mean --fit robust -o r.aes holes.csv
	ae-normalize --invert -c r.aes | sed -n 3p | cut -d, -f1 | near 1e-6 - <(echo 3)
}

@test "ae-normalize --missing=mean: a div scaler has none" {
	expect_error 2 '--missing mean needs a fitted mean: *' ae-normalize --missing=mean --fit div:2 ab.csv
	expect_error 2 '--missing mean needs a fitted mean: *' ae-normalize --missing=mean --invert ab.csv
	ae-normalize --fit div:2 --save s.aem ab.csv >/dev/null
	expect_error 1 's.aem: a div scaler has no mean to put in for missing values' ae-normalize --missing=mean -m s.aem ab.csv
}

@test "ae-normalize --missing: a column without any value is an error" {
	local how
	printf 'a,b\n1,\n2,\n' >hollow.csv
	for how in mean mask; do
		expect_error 1 'hollow.csv: column "b" has no value to fit on: leave it out' ae-normalize --missing=$how --fit minmax hollow.csv
	done
	expect_error 1 '*: x has no value to fit on' ae-normalize --missing=mask --fit robust --per tensor <(printf 'a,b\n,\n')
	ae-normalize --missing=mean --x a --fit minmax -c hollow.csv >fits.csv
}

@test "ae-normalize --invert: the first stream decides whether all come back as f64" {
	ae-normalize -q --fit minmax --save s.aem ab.csv >/dev/null
	ae-cat ab.csv | ae-normalize -m s.aem >f64.aes
	ae-cat --f32 ab.csv | ae-normalize -m s.aem >f32.aes
	local first second
	for first in f64 f32; do
		for second in f64 f32; do
			cat $first.aes $second.aes | ae-normalize --invert >both.aes
			ae-cat both.aes >whole.aes
			[ "$(ae-info both.aes | grep -c " x .* $first ")" -eq 2 ]
			[ "$(ae-cat -c both.aes | wc -l)" -eq $((2 * $(wc -l <ab.csv) - 1)) ]
		done
	done
}
