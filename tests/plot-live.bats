#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-plot score --live: the score in a terminal, while its rows come.
load helpers
load scoring
load plotting

ROWS=$ROOT/tests/expected/plot_score.csv

# terminal COMMAND: runs it in a terminal of 80x24; screen has what that got. A FIFO rows is its input.
terminal() {
	script -qefc "stty rows 24 cols 80; $1" screen </dev/null >script.out 2>&1
}

# frames: how many pictures were drawn, but for the last.
frames() {
	tr -d '\r' <screen | grep -o $'\033\[H' | wc -l
}

# shows TEXT: it is on the screen so far.
shows() {
	[ -e screen ] && grep -q "$1" screen
}

@test "ae-plot --live: off a terminal it says so" {
	expect_error 1 '--live redraws a terminal, and standard output is none' ae-plot score --live "$ROWS"
	expect_error 1 '--live redraws a terminal, *' ae-plot score --live -o live.png "$ROWS"
	[ ! -e live.png ]
	expect_error 2 '--live goes with score' ae-plot hist --live "$ROWS"
}

@test "ae-plot --live: redraws as rows come, and ends in the normal picture" {
	need_gnuplot
	mkfifo rows
	terminal 'ae-plot score --live <rows' &
	local pid=$!
	exec 8>rows
	printf 'err,pred\n0.5,0\n0.6,1\n' >&8
	eventually shows 'Anomalies: 1 '
	printf '0.7,1\n0.8,1\n' >&8
	eventually shows 'Anomalies: 3 '
	exec 8>&-
	wait $pid
	[ "$(frames)" -ge 3 ]
	printf 'err,pred\n0.5,0\n0.6,1\n0.7,1\n0.8,1\n' >all.csv
	COLUMNS=80 ae-plot score --size 79x23 all.csv >wanted
	# what stands behind the last clearing of the screen
	tr -d '\r' <screen | sed $'s/.*\033\[2J//' | grep -v '^Script ' >last
	tail -n "$(wc -l <wanted)" <(grep . last) | cmp - wanted
}

@test "ae-plot --live -o FILE: the last picture is the file" {
	need_gnuplot
	terminal "ae-plot score --live -o live.svg --anomaly 1 $ROWS"
	ae-plot score --anomaly 1 "$ROWS" -o plain.svg
	cmp live.svg plain.svg
}

@test "ae-plot --live: in a terminal that is too small it is cut, so that nothing scrolls" {
	need_gnuplot
	mkfifo rows
	script -qefc 'stty rows 8 cols 30; ae-plot score -q --live <rows' screen </dev/null >script.out 2>&1 &
	local pid=$!
	exec 8>rows
	{ echo err,pred && seq 60 | sed 's/$/,1/'; } >&8
	eventually shows 'Recon'
	echo 61,0 >&8
	# Up to the last clearing of the screen, behind which the picture of all rows is whole.
	exec 8>&-
	wait $pid
	tr -d '\r' <screen | tr '\n' '@' | sed $'s/\033\[H\033\[2J[^\033]*$//; s/.*\033\[2J//; s/\033\[H.*//; s/\033\[[KJ]//g' | tr '@' '\n' >frame
	[ "$(wc -L <frame)" -le 29 ]
	[ "$(grep -c . frame)" -le 7 ]
	grep -q '^Reconstruction error$' frame
}

@test "ae-plot --live: many batches are not as many pictures" {
	need_gnuplot
	ae-cat --missing mask --batch-rows 1 -o one.aes "$ROWS"
	terminal 'ae-plot score --live one.aes'
	[ "$(frames)" -lt 200 ]
	grep -q 'Anomalies: ' screen
}

@test "ae-plot --live: a cut stream is an error there too, and gnuplot's absence" {
	need_gnuplot
	ae-cat --missing mask "$ROWS" | head -c 9000 >cut.aes
	run terminal 'ae-plot score --live cut.aes'
	[ "$status" -ne 0 ]
	grep -q 'cut.aes: .*the stream is cut' screen
	mkdir empty
	run terminal "PATH=$PWD/empty $AE_BUILD/ae-plot score --live $ROWS"
	[ "$status" -ne 0 ]
	grep -q 'gnuplot is not installed' screen
}

@test "ae-plot --live: Ctrl-C ends in the picture of the rows so far" {
	need_gnuplot
	mkfifo rows
	printf 'err,pred\n0.5,0\n0.6,1\n0.7,1\n' >all.csv
	ae-plot score all.csv -o wanted.svg
	# The whole group of a pipeline gets the signal while gnuplot is at work.
	mkdir slow
	printf '#!/bin/bash\n: >drawing\nsleep 0.5\nexec "%s" "$@"\n' "$(command -v gnuplot)" >slow/gnuplot
	chmod +x slow/gnuplot
	cat >press.sh <<-'END'
		set -m
		export PATH=$PWD/slow:$PATH
		(ae-cat rows | ae-plot score --live -o last.svg) 2>said & group=$!
		until [ -e drawing ]; do sleep 0.02; done
		kill -"$1" -- -$group
		wait $group
		echo "status $?" >status
		# SIGTERM ends the shell that waits first
		for _ in {1..200}; do [ -s last.svg ] || sleep 0.05; done
	END
	for signal in INT TERM; do
		rm -f drawing last.svg
		terminal "bash press.sh $signal" &
		local pid=$!
		exec 8>rows
		cat all.csv >&8
		wait $pid
		exec 8>&-
		grep -qx 'ae-plot: stopped before the end: the picture shows the rows until then' said
		[ $signal = TERM ] || grep -qx 'status 130' status
		cmp last.svg wanted.svg
	done
}

@test "ae-plot --live: a stream that was stopped further up is drawn as far as it goes" {
	need_gnuplot
	printf 'err,pred\n0.5,0\n0.6,1\n0.7,1\n' | ae-cat >v.aes
	stopped_stream v.aes stopped.aes
	terminal 'ae-plot score --live -o part.svg stopped.aes'
	grep -q 'stopped before the end: the picture shows the rows until then' screen
	ae-plot score v.aes -o whole.svg
	cmp part.svg whole.svg
}
