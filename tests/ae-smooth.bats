#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-smooth: the score of a row becomes that of the last rows of its group.
load helpers
load fixture

@test "ae-smooth: --help, --version, unknown options" {
	check_manners ae-smooth 'err --mean 2' 'err --ewma 3'
}

@test "ae-smooth: what is wrong in the arguments alone is status 2" {
	expect_error 2 'one of --ewma N, --mean N and --median N is required' ae-smooth "$F/test.e.aes"
	expect_error 2 'one of --ewma N, --mean N and --median N is required' ae-smooth --mean 2 --median 2 "$F/test.e.aes"
	expect_error 2 '--mean 0: expected a whole number from 1 to 1048576' ae-smooth --mean 0 "$F/test.e.aes"
	expect_error 2 '--max-gap x: expected a time such as *' ae-smooth --mean 2 --max-gap x "$F/test.e.aes"
}

@test "ae-smooth: mean, median and exponentially weighted mean are those of NumPy, to the last digit" {
	local kind
	cut -d, -f1,2 "$ROOT/tests/expected/smooth.csv" >in.csv
	for kind in mean median ewma; do
		ae-smooth --$kind 7 --group id --missing mask -c in.csv | column err | tail -n +2 >got
		# numbers are compared by value: ours has fewer digits where fewer say the same
		paste -d, got <(column $kind "$ROOT/tests/expected/smooth.csv" | tail -n +2) |
			awk -F, '{ if ($1 == "nan" ? $2 != "nan" : $1 + 0 != $2 + 0) { print NR ": " $0; bad = 1 } } END { exit bad || NR != 400 }'
		ae-cat --missing mask in.csv >scores.aes
		same_for_batches scores.aes ae-smooth --$kind 7 --group id
	done
}

@test "ae-smooth: mean and median know the last N rows alone, to the bit" {
	local kind
	# large numbers that go by leave no trace in what follows them
	printf 'err\n0.1\n0.7\n0.3\n' >plain.csv
	printf 'err\n1e300\n3\n1e17\n0.1\n0.7\n0.3\n' >after.csv
	for kind in mean median; do
		[ "$(ae-smooth --$kind 3 -c plain.csv | tail -n 1)" = "$(ae-smooth --$kind 3 -c after.csv | tail -n 1)" ]
	done
}

@test "ae-smooth: groups, gaps, several streams; a missing score stays missing and is no part of what follows" {
	printf 'id,time,err\nm,0,1\nn,1,10\nm,2,3\nn,90,20\nm,4,\nm,5,5\nm,70,7\n' >g.csv
	ae-smooth --mean 2 --group id --missing mask -c g.csv | column err | tail -n +2 | paste -sd ' ' >got
	[ "$(<got)" = '1 10 2 15 nan 4 6' ]
	ae-smooth --mean 2 --group id --max-gap 1m --missing mask -c g.csv 2>err.txt | column err | tail -n +2 | paste -sd ' ' >got
	[ "$(<got)" = '1 10 2 20 nan 4 7' ]
	[ "$(<err.txt)" = 'ae-smooth: 2 gaps longer than 1m (--max-gap): the group starts anew after each' ]
	printf 'err\n1\n2\n' >one.csv
	[ "$(ae-smooth --mean 2 -c one.csv one.csv | paste -sd ' ')" = 'err 1 1.5 1 1.5' ]
	[ "$(cat one.csv one.csv | ae-smooth --mean 2 -c | paste -sd ' ')" = 'err 1 1.5 1.5 1.5' ]
	expect_error 1 'g.csv: --group: no column "ids"; the nearest is "id"' ae-smooth --mean 2 --group ids --missing mask g.csv
	printf 'id,err\nm,1\nn,2\nm,3\n' | ae-smooth --mean 2 --group id --max-groups 1 -c 2>err.txt | tail -n 1 | grep -qx m,3
	[ "$(tail -n 1 err.txt)" = 'ae-smooth: 2 times a group was forgotten: there are more than 1 (--max-groups)' ]
}

@test "ae-smooth: the lineage says it, and what cannot be smoothed is refused" {
	ae-smooth --ewma 5 "$F/test.e.aes" >s.aes
	ae-info s.aes | grep -qE 'smooth(ed|ing)? +ewma:5'
	expect_error 1 's.aes: err is smoothed already, by ewma:5' ae-smooth --ewma 5 s.aes
	expect_error 1 '*: no column of role err*' ae-smooth --mean 2 "$F/test.n.aes"
	ae-thresh --at 1 "$F/test.e.aes" -O aest >v.aes
	expect_error 1 'v.aes: there are verdicts already: use ae-smooth before ae-thresh' ae-smooth --mean 2 v.aes
	# nothing else changes
	ae-smooth --mean 1 "$F/test.e.aes" -c | cmp - <(ae-cat -c "$F/test.e.aes")
}

@test "ae-smooth: live, each row is answered before the next one comes" {
	mkfifo feed
	ae-smooth --median 3 -c <feed | cat >live.csv &
	exec 9>feed
	printf 'err\n1\n5\n' >&9
	eventually has_lines live.csv 3
	exec 9>&-
	wait
	[ "$(paste -sd ' ' live.csv)" = 'err 1 3' ]
}

@test "ae-smooth: a cut stream is an error, /dev/full too, and a reader that has gone ends it quietly" {
	same_for_cuts "$F/test.e.aes" ae-smooth --mean 3
	expect_error 1 '<stdout>: No space left on device' full ae-smooth --mean 2 "$F/test.e.aes"
	quiet_when_closed ae-smooth --mean 2 "$F/test.e.aes"
}

@test "ae-smooth: clean under valgrind" {
	local kind
	for kind in mean median ewma; do
		valgrind_clean ae-smooth --$kind 5 --group label --max-groups 1 -q "$F/test.e.aes" >out.aes
	done
}

@test "ae-smooth: a threshold that was fitted on other smoothing is refused" {
	cp "$F/m.aem" t.aem
	ae-smooth --mean 3 "$F/test.e.aes" >three.aes
	ae-thresh -q --fit quantile:0.9 -m t.aem three.aes >fit.txt
	ae-thresh -m t.aem -o v.csv three.aes
	expect_error 1 '*: err is smoothed by nothing, but the threshold in t.aem was fitted on errors smoothed by mean:3' ae-thresh -m t.aem "$F/test.e.aes"
	ae-smooth --mean 4 "$F/test.e.aes" >four.aes
	expect_error 1 'four.aes: err is smoothed by mean:4, but *by mean:3' ae-thresh -m t.aem four.aes
	ae-thresh -q --fit quantile:0.9 -m t.aem "$F/test.e.aes" >fit.txt
	expect_error 1 'four.aes: err is smoothed by mean:4, but *by nothing' ae-thresh -m t.aem four.aes
}

@test "ae-smooth: a threshold that was fitted in other groups, or with another gap, is refused" {
	{
		echo 'machine,time,a,b'
		for i in {1..60}; do echo "m$((i % 2)),$((i * 10)),$i,$((i * i % 7))"; done
	} >rows.csv
	ae-train -q --pass machine --time time --net 2-1-2 --epochs 1 -m t.aem rows.csv
	ae-recon -m t.aem --time time rows.csv | ae-err -o e.aes
	each() {
		ae-smooth --mean 3 e.aes -o all.aes
		ae-smooth --mean 3 --group machine e.aes -o group.aes
		ae-smooth --mean 3 --group machine --max-gap 90s e.aes -o both.aes
	}
	each
	fit() { ae-thresh -q --fit quantile:0.9 -m t.aem "$1" >/dev/null; }
	local of='is smoothed with' to='but the threshold in t.aem was fitted on errors smoothed with'
	fit group.aes
	ae-thresh -m t.aem -o v.csv group.aes
	expect_error 1 "all.aes: err $of no --group, $to --group machine" ae-thresh -m t.aem all.aes
	expect_error 1 "both.aes: err $of --max-gap 90s, $to no --max-gap" ae-thresh -m t.aem both.aes
	expect_error 1 "*: err is smoothed by nothing, *by mean:3" ae-thresh -m t.aem e.aes
	ae-info t.aem | grep -qE '^ +errors smoothed by mean:3, group machine$'
	[ "$(ae-info --pipeline t.aem)" = 'ae-recon -m t.aem | ae-err --metric mse | ae-smooth --mean 3 --group machine | ae-thresh -m t.aem' ]
	fit both.aes
	ae-thresh -m t.aem -o v.csv both.aes
	expect_error 1 "group.aes: err $of no --max-gap, $to --max-gap 90s" ae-thresh -m t.aem group.aes
	[ "$(ae-info --pipeline t.aem)" = 'ae-recon -m t.aem | ae-err --metric mse | ae-smooth --mean 3 --group machine --max-gap 90s | ae-thresh -m t.aem' ]
	fit all.aes
	ae-thresh -m t.aem -o v.csv all.aes
	expect_error 1 "group.aes: err $of --group machine, $to no --group" ae-thresh -m t.aem group.aes
	[ "$(ae-info --pipeline t.aem)" = 'ae-recon -m t.aem | ae-err --metric mse | ae-smooth --mean 3 | ae-thresh -m t.aem' ]
	ae-info t.aem | grep -qE '^ +errors smoothed by mean:3$'
	# the lineage says it, and joins compare it
	ae-info both.aes | grep -qxE 'smoothed +mean:3, group machine, max-gap 90s'
	expect_error 1 'both.aes: err is smoothed already, by mean:3, group machine, max-gap 90s' ae-smooth --mean 2 both.aes
	expect_error 1 'group.aes: *' pipe 'ae-cat all.aes group.aes >/dev/null'
	# a new err is not smoothed
	ae-smooth --mean 3 --group machine <(ae-recon -m t.aem --time time rows.csv | ae-err --keep) | ae-err | ae-info | grep smoothed && return 1
	true
}
