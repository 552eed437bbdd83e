#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-noise: x becomes noisy, target the clean original.
load helpers
load fixture

# constant ROWS WIDTH VALUE: rows of one value.
constant() {
	awk -v rows="$1" -v width="$2" -v value="$3" 'BEGIN {
		for (r = 0; r < rows; r++)
			for (c = 1; c <= width; c++)
				printf "%s%s", value, c < width ? "," : "\n"
	}'
}

# noisy VALUE OPTION...: what becomes of 40,000 values, one a line.
noisy() {
	constant 400 100 "$1" | ae-noise -H "${@:2}" | ae-cat -c --cols x | tail -n +2 | tr , '\n'
}

# within LEAST MOST NUMBER
within() {
	awk -v low="$1" -v high="$2" -v got="$3" 'BEGIN { if (!(got >= low && got <= high)) { print got; exit 1 } }'
}

mean() {
	awk '{ sum += $1 } END { printf "%.9g", sum / NR }'
}

@test "ae-noise: --help, --version, unknown options" {
	check_manners ae-noise
}

@test "ae-noise: what is wrong in the arguments alone is status 2" {
	expect_error 2 'one of --gaussian S, --salt-pepper P, --mask P and --clip A,B is required' ae-noise "$F/test.n.aes"
	expect_error 2 '--gaussian -1: expected a number from 0 to 1000000' ae-noise --gaussian -1 "$F/test.n.aes"
	expect_error 2 '--gaussian nan: expected a number from 0 to 1000000' ae-noise --gaussian nan "$F/test.n.aes"
	expect_error 2 '--mask 1.1: expected a number from 0 to 1' ae-noise --mask 1.1 "$F/test.n.aes"
	expect_error 2 '--salt-pepper 2: expected a number from 0 to 1' ae-noise --salt-pepper 2 "$F/test.n.aes"
	local clip
	for clip in 1 1,0 0,0 0,x nan,1 0,1,2 ''; do
		expect_error 2 "--clip $clip: expected LOW,HIGH" ae-noise --clip "$clip" "$F/test.n.aes"
	done
	expect_error 2 '--seed -1: expected a whole number *' ae-noise --mask 0.1 --seed -1 "$F/test.n.aes"
}

@test "ae-noise: golden output: the numbers of an independent program" {
	local column=2 options
	tail -n +2 "$ROOT/tests/expected/noise.csv" | cut -d, -f1 | paste -d, - - - >clean.csv
	for options in '--gaussian 0.5' '--salt-pepper 0.4' '--mask 0.3' '--gaussian 0.25 --salt-pepper 0.2 --mask 0.2 --clip -0.5,0.75'; do
		# shellcheck disable=SC2086 # options
		ae-noise -H --seed 1099511627783 $options clean.csv | ae-cat -c --cols x | tail -n +2 | tr , '\n' >got
		tail -n +2 "$ROOT/tests/expected/noise.csv" | cut -d, -f$column >wanted
		near 1e-11 wanted got
		column=$((column + 1))
	done
}

@test "ae-noise: x stays in its place, target comes last; all else passes byte for byte" {
	printf 'id,a,pass,b,label\n" 1,x",0.5,"p""q",0.25,007\n' >a.csv
	ae-noise --pass pass --clip 0,0.3 -c a.csv >out.csv
	[ "$(<out.csv)" = $'id,a,b,pass,label,target.a,target.b\n" 1,x",0.3,0.25,"p""q",007,0.5,0.25' ]
	ae-noise --pass pass --clip 0,0.3 a.csv | ae-info | grep -qE '^ +target +target +f64 +\[2\] "target.a" to "target.b"$'
}

@test "ae-noise: a target that is there is kept" {
	printf 'a,target.a\n0.9,0.1\n' >t.csv
	[ "$(ae-noise --clip 0,0.5 -c t.csv)" = $'a,target.a\n0.5,0.1' ]
	ae-noise --gaussian 0.1 --seed 1 "$F/test.n.aes" | ae-noise --mask 0.1 --seed 2 -o twice.aes
	same "ae-cat -c --cols target twice.aes | sed '1s/target/x/g'" "ae-cat -c --cols x $F/test.n.aes"
}

@test "ae-noise: the scaler stays known, and the score is held against the clean original" {
	ae-noise --mask 0.3 "$F/test.n.aes" | ae-recon -m "$F/m.aem" | ae-err -o e.aes
	ae-info e.aes | grep -q 'err *mae against target, scaled units'
	ae-noise --mask 0.3 "$F/test.n.aes" | ae-normalize --invert | ae-cat -c --cols target | tail -n +2 |
		near 1e-5 /dev/stdin <(ae-cat -c --cols x "$F/test.aes" | tail -n +2)
}

@test "ae-noise: u8 is refused, and the remedy named" {
	{
		printf '\x94\xa4AEST\x01\x81\xa4cols\x91\x84\xa4name\xa1x\xa4role\xa1x\xa4type\xa2u8\xa5shape\x90\xc0'
		printf '\x94\x01\x02\xc4\x02\x00\xff\xc0\x93\x02\x81\xa4rows\x02\xc0'
	} >u8.aes
	expect_error 1 'u8.aes: x is integers; scale it first, with ae-normalize --fit div:255 for images' ae-noise --mask 0.1 u8.aes
	ae-normalize --fit div:255 u8.aes | ae-noise --mask 0 --clip 0,1 -c | cut -d, -f1 >out.csv
	[ "$(<out.csv)" = $'x\n0\n1' ]
}

@test "ae-noise: a stream without x is refused" {
	printf 'label,err\n1,0.5\n' >e.csv
	expect_error 1 'e.csv: no column of role x; the stream has: label, err' ae-noise --mask 0.1 e.csv
}

# ---- what a value depends on ----

@test "ae-noise: --batch-rows 1, 2, 7, 16, 17 and 512 give equal rows" {
	same_for_batches "$F/test.n.aes" ae-noise --gaussian 0.1 --salt-pepper 0.1 --mask 0.1 --clip 0,1 --seed 3
}

@test "ae-noise: CSV, TSV and AEST give the same output" {
	ae-cat -c "$F/test.n.aes" >n.csv
	ae-cat -t "$F/test.n.aes" >n.tsv
	# f32 as in AEST; nothing but the scaler is lost in text
	ae-noise --gaussian 0.1 -c "$F/test.n.aes" >wanted.csv
	ae-noise --gaussian 0.1 -c --f32 n.csv | cmp - wanted.csv
	ae-noise --gaussian 0.1 -c --f32 -I tsv n.tsv | cmp - wanted.csv
	ae-noise --gaussian 0.1 -t "$F/test.n.aes" | tr '\t' , | cmp - wanted.csv
	# f64 rounds to the same, except for the last digit
	ae-noise --gaussian 0.1 -c n.csv | near 1e-6 wanted.csv /dev/stdin
}

@test "ae-noise: the first rows do not depend on those that follow" {
	ae-noise --gaussian 0.1 --seed 5 -c "$F/test.n.aes" | head -n 31 >wanted.csv
	ae-cat --head 30 "$F/test.n.aes" | ae-noise --gaussian 0.1 --seed 5 -c | cmp - wanted.csv
	ae-noise --gaussian 0.1 --seed 5 "$F/test.n.aes" | ae-cat -c --head 30 | cmp - wanted.csv
}

@test "ae-noise: the row's number counts, not what is in it" {
	constant 60 5 0 >a.csv
	constant 60 5 0.5 >b.csv
	ae-noise -H --gaussian 0.25 --seed 1 a.csv | ae-cat -c --cols x | tail -n +2 | tr , '\n' >a
	ae-noise -H --gaussian 0.25 --seed 1 b.csv | ae-cat -c --cols x | tail -n +2 | tr , '\n' >b
	paste a b | awk '{ gap = $2 - $1 - 0.5; if (gap > 1e-12 || gap < -1e-12) exit 1 }'
	# no row and no column is like another
	[ "$(sort -u a | wc -l)" -eq 300 ]
	# of later rows alone another row gets what stood first
	[ "$(tail -n 59 a.csv | ae-noise -H --gaussian 0.25 --seed 1 | ae-cat -c --cols x | sed -n 2p)" = "$(head -n 5 a | paste -sd,)" ]
}

@test "ae-noise: ids, labels and other columns do not count" {
	printf '0.5,0.5\n0.5,0.5\n' >plain.csv
	printf 'u1,x,0.5,0.5\nu2,,0.5,0.5\n' >more.csv
	ae-noise -H --gaussian 1 plain.csv | ae-cat -c --cols x >one.csv
	ae-noise -H --gaussian 1 --id 1 --label 2 more.csv | ae-cat -c --cols x | cmp - one.csv
}

@test "ae-noise: the seed counts, and nothing else does" {
	ae-noise --gaussian 0.1 "$F/test.n.aes" >zero.aes
	ae-noise --gaussian 0.1 --seed 0 "$F/test.n.aes" | cmp - zero.aes
	ae-noise --gaussian 0.1 --seed 1 -o one.aes "$F/test.n.aes"
	run -1 cmp -s zero.aes one.aes
	ae-noise --gaussian 0.1 --seed 4294967296 -o high.aes "$F/test.n.aes"
	run -1 cmp -s zero.aes high.aes
	# twice as much noise is the same noise, doubled
	noisy 0 --gaussian 1 >a
	noisy 0 --gaussian 2 | paste a - | awk '{ if (2 * $1 != $2) exit 1 }'
}

@test "ae-noise: each stream begins anew" {
	cat "$F/test.n.aes" "$F/test.n.aes" | ae-noise --gaussian 0.1 >both.aes
	ae-noise --gaussian 0.1 -o one.aes "$F/test.n.aes"
	cat one.aes one.aes | cmp - both.aes
}

# ---- statistics ----

@test "ae-noise: an amount of 0, where a sweep begins, leaves x as it is and makes it the target" {
	ae-cat -c --cols x "$F/test.n.aes" | tail -n +2 >wanted
	local option
	for option in --gaussian --salt-pepper --mask; do
		ae-noise $option 0 -o $option.aes "$F/test.n.aes"
		ae-cat -c --cols x ./$option.aes | tail -n +2 | cmp - wanted
		ae-cat -c --cols target ./$option.aes | tail -n +2 | cmp - wanted
	done
	ae-noise --gaussian 0 --mask 0.3 --seed 4 "$F/test.n.aes" >both.aes
	ae-noise --mask 0.3 --seed 4 "$F/test.n.aes" | cmp - both.aes
}

@test "ae-noise --gaussian: mean 0, the standard deviation asked for, the shape of a bell" {
	noisy 0.5 --gaussian 0.2 >values
	# 40,000 values: the mean is off by 0.001, the deviation by 0.0007
	within 0.496 0.504 "$(mean <values)"
	within 0.197 0.203 "$(awk '{ d = $1 - 0.5; sum += d * d } END { print sqrt(sum / NR) }' values)"
	within 0.677 0.689 "$(awk '{ d = $1 - 0.5; n += d * d < 0.04 } END { print n / NR }' values)" # 0.6827
	within 0.951 0.958 "$(awk '{ d = $1 - 0.5; n += d * d < 0.16 } END { print n / NR }' values)" # 0.9545
	within -0.05 0.05 "$(awk '{ d = ($1 - 0.5) / 0.2; sum += d * d * d } END { print sum / NR }' values)" # no skew
	# neighbours know nothing of each other
	within -0.02 0.02 "$(awk '{ d = ($1 - 0.5) / 0.2; sum += d * last; last = d } END { print sum / NR }' values)"
	[ "$(sort -u values | wc -l)" -gt 39990 ]
}

@test "ae-noise --salt-pepper: this share, half of it low and half high" {
	noisy 0.5 --salt-pepper 0.2 >values
	[ "$(sort -un values | paste -sd ' ')" = '0 0.5 1' ]
	within 0.094 0.106 "$(grep -cx 0 values | awk '{ print $1 / 40000 }')"
	within 0.094 0.106 "$(grep -cx 1 values | awk '{ print $1 / 40000 }')"
	noisy 0.5 --salt-pepper 0.2 --clip -3,7 >values
	[ "$(sort -un values | paste -sd ' ')" = '-3 0.5 7' ]
	[ "$(noisy 0.5 --salt-pepper 1 | sort -un | paste -sd ' ')" = '0 1' ]
}

@test "ae-noise --mask: this share becomes 0" {
	noisy 0.5 --mask 0.25 >values
	[ "$(sort -un values | paste -sd ' ')" = '0 0.5' ]
	within 0.242 0.258 "$(grep -cx 0 values | awk '{ print $1 / 40000 }')"
	[ "$(noisy 0.5 --mask 1 | sort -un)" = 0 ]
	[ "$(noisy 0.5 --mask 0 --clip 0,1 | sort -un)" = 0.5 ]
}

@test "ae-noise: the noises are drawn apart" {
	noisy 0.5 --salt-pepper 0.5 --mask 0.5 --clip -2,2 >values
	# half of the values are masked, whether they had been changed or not
	within 0.49 0.51 "$(grep -cx 0 values | awk '{ print $1 / 40000 }')"
	within 0.24 0.26 "$(grep -cx 0.5 values | awk '{ print $1 / 40000 }')"
}

@test "ae-noise --clip: after all noise" {
	noisy 0.5 --gaussian 0.5 --clip 0.25,0.75 >values
	[ "$(sort -n values | sed -n '1p;$p' | paste -sd ' ')" = '0.25 0.75' ]
	within 0.29 0.33 "$(grep -cx 0.25 values | awk '{ print $1 / 40000 }')" # 0.3085
	[ "$(noisy 0.5 --mask 1 --clip 0.1,1 | sort -un)" = 0.1 ]
	[ "$(noisy 5 --clip 0,1 | sort -un)" = 1 ]
}

# ---- the rest of the pattern ----

@test "ae-noise: missing values stay missing" {
	printf 'a,b\n,0.5\n0.5,\n' | ae-noise --missing=mask --gaussian 0.1 -c | tail -n +2 >out.csv
	grep -q '^nan,0\..*,nan,0.5$' <(sed -n 1p out.csv)
	grep -qE '^0\.[0-9]*,nan,0.5,nan$' <(sed -n 2p out.csv)
}

@test "ae-noise: a cut stream is an error" {
	same_for_cuts "$F/test.n.aes" ae-noise --gaussian 0.1
	same_for_cuts "$F/test.n.aes" ae-noise --gaussian 0.1 -c
}

@test "ae-noise: a stream of a header alone stays one" {
	ae-cat --head 0 "$F/test.n.aes" | ae-noise --mask 0.5 >none.aes
	has_end none.aes
	[ "$(ae-info --count none.aes)" -eq 0 ]
}

@test "ae-noise: a stopped stream stays one" {
	stopped_stream "$F/test.aes" stopped.aes
	ae-noise --mask 0.5 stopped.aes >out.aes
	is_stopped out.aes
	[ "$(ae-info --count out.aes)" -eq 120 ]
}

@test "ae-noise: /dev/full is an error" {
	expect_error 1 '<stdout>: No space left on device' full ae-noise --mask 0.5 "$F/test.n.aes"
	expect_error 1 '/dev/full: No space left on device' ae-noise --mask 0.5 -o /dev/full "$F/test.n.aes"
}

@test "ae-noise: a reader that has gone ends it quietly" {
	quiet_when_closed ae-noise --mask 0.5 "$F/test.n.aes"
}

@test "ae-noise: clean under valgrind" {
	valgrind_clean ae-noise --gaussian 0.1 --salt-pepper 0.1 --mask 0.1 --clip 0,1 "$F/test.n.aes" >out.aes
	ae-noise --gaussian 0.1 --salt-pepper 0.1 --mask 0.1 --clip 0,1 "$F/test.n.aes" | cmp - out.aes
	run valgrind_clean ae-noise --mask 0.1 "$F/test.e.aes"
	[ "$status" -eq 1 ]
}
