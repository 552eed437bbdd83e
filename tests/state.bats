#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --state: a run goes on where the one before it stopped.
load helpers
load fixture

# series N: rows of three groups at times that rise, with scores.
series() {
	awk -v n="$1" 'BEGIN {
		srand(3)
		print "id,time,err"
		for (i = 0; i < n; i++) {
			t += rand() < 0.05 ? 90 : 2
			printf "%s,%d,%.6f\n", substr("mno", int(rand() * 3) + 1, 1), t, rand() * 10 - 3
		}
	}'
}

# continues COMMAND...: on rows cut anywhere, two runs with --state give what one gives without.
continues() {
	local at
	series 120 | if [ "$1" = ae-window ]; then sed 1s/err/a/; else cat; fi >all.csv
	"$@" -q -c all.csv >whole.csv
	for at in 1 2 60 100 121; do
		rm -f s.state
		head -n "$at" all.csv >first.csv
		{ head -n 1 all.csv && tail -n +$((at + 1)) all.csv; } >second.csv
		"$@" -q --state s.state -c first.csv >got.csv
		"$@" -q --state s.state -c second.csv | tail -n +2 >>got.csv
		cmp got.csv whole.csv || return
	done
	# the file is the same whatever the batches were
	rm -f s.state
	"$@" -q --state s.state -o out.aes all.csv
	ae-cat --batch-rows 7 all.csv | "$@" -q --state other.state -o out.aes
	cmp s.state other.state
	rm other.state
}

@test "--state: two runs give what one gives" {
	continues ae-window --size 5
	continues ae-window --size 4 --stride 3 --group id --max-gap 1m --drop-incomplete
	continues ae-smooth --mean 5 --group id
	continues ae-smooth --median 4 --group id --max-gap 60s
	continues ae-smooth --ewma 9
	continues ae-smooth --median 9 --group id --max-groups 2
}

@test "--state: another program's, of other settings or other columns, is refused and stays" {
	series 20 >in.csv
	ae-smooth --mean 3 --group id --state s.state -o out.aes in.csv
	cp s.state before
	expect_error 1 'in.csv: --state s.state: the state of ae-smooth, not of ae-window' ae-window --size 3 --x err --group id --state s.state in.csv
	expect_error 1 'in.csv: --state s.state: a state of other settings: it has mean:3, group id, this run mean:4, group id; remove the file to start anew' \
		ae-smooth --mean 4 --group id --state s.state in.csv
	expect_error 1 'in.csv: --state s.state: a state of other settings: it has mean:3, group id, this run mean:3; remove *' ae-smooth --mean 3 --state s.state in.csv
	expect_error 1 '*: it has mean:3, group id, this run mean:3, group id, max-gap 1m; remove *' ae-smooth --mean 3 --group id --max-gap 1m --state s.state in.csv
	printf 'a,b\n1,2\n' >ab.csv
	printf 'b,a\n1,2\n' >ba.csv
	ae-window --size 3 --state w.state -q -o out.aes ab.csv
	expect_error 1 'ba.csv: --state w.state: the state of another x: names, type, number or order of its columns differ; remove the file to start anew' ae-window --size 3 --state w.state ba.csv
	cmp s.state before
}

@test "--state: what is damaged is refused, and a run that fails leaves it as it was" {
	local at size
	series 30 >in.csv
	ae-smooth --median 3 --group id --state s.state -o out.aes in.csv
	size=$(wc -c <s.state)
	for at in 0 1 20 $((size / 2)) $((size - 1)); do
		head -c "$at" s.state >cut.state
		expect_error 1 'in.csv: --state cut.state: *' ae-smooth --median 3 --group id --state cut.state in.csv
	done
	for at in 8 30 60 100 $((size / 2)) $((size - 3)); do
		flip s.state "$at" 2 >bad.state
		expect_error 1 'in.csv: --state bad.state: *' ae-smooth --median 3 --group id --state bad.state in.csv
	done
	{ cat s.state && printf x; } >long.state
	expect_error 1 '*: bytes behind the last group' ae-smooth --median 3 --group id --state long.state in.csv
	expect_error 1 '*: no file of --state' ae-smooth --median 3 --group id --state "$F/m.aem" in.csv
	cp s.state before
	printf 'id,err\nm,1\nm,x\n' >bad.csv
	expect_error 1 'bad.csv: line 3: *' ae-smooth --median 3 --group id --state s.state bad.csv
	cmp s.state before
	local command
	while read -r command; do
		# shellcheck disable=SC2086 # they are words
		expect_error 1 '--state: no/s.state: No such file or directory' $command --state no/s.state -c in.csv
		[ ! -s expect_error.out ] # at the start: not even a header
		# shellcheck disable=SC2086
		expect_error 1 '--state: .: *' $command --state . -c in.csv
		[ ! -s expect_error.out ]
	done <<-'END'
		ae-smooth --median 3
		ae-window --size 3 --x err
		ae-transform --diff 1 --x err
		ae-thresh --stream quantile:0.9 --window 20
	END
	expect_error 1 '--state in.csv: is the input' ae-smooth --median 3 --state in.csv in.csv
	expect_error 2 '--output out.aes: is the file of --state' ae-smooth --median 3 --state out.aes -o out.aes in.csv
}

@test "--state: the first stream goes on from it, each later one begins anew, and the last one is kept" {
	printf 'err\n1\n3\n' >one.csv
	ae-smooth --mean 2 --state s.state -o out.aes one.csv
	[ "$(ae-smooth --mean 2 --state s.state -c one.csv one.csv | paste -sd ' ')" = 'err 2 2 1 2' ]
	printf 'err\n5\n' >two.csv
	[ "$(ae-smooth --mean 2 --state s.state -c two.csv | tail -n 1)" = 4 ]
}

@test "--state: a stopped run keeps what it has seen" {
	mkfifo feed
	ae-smooth --mean 2 --state s.state -c <feed >live.csv &
	local pid=$!
	exec 9>feed
	printf 'err\n1\n3\n' >&9
	eventually has_lines live.csv 3
	kill -TERM $pid
	wait $pid || [ $? -eq 143 ]
	exec 9>&-
	printf 'err\n5\n' | ae-smooth --mean 2 --state s.state -c | tail -n 1 | grep -qx 4
}

@test "--state: settings may be long" {
	local name
	name=$(printf 'c%.0s' {1..900})
	printf '%s,err\na,1\na,3\n' "$name" >long.csv
	ae-smooth --mean 2 --group "$name" --state s.state -o out.aes long.csv
	[ "$(ae-smooth --mean 2 --group "$name" --state s.state -c long.csv | tail -n 1)" = a,2 ]
	expect_error 1 '*: a state of other settings: *' ae-smooth --mean 2 --group "${name%c}" --state s.state <(sed 1s/c,/,/ long.csv)
}

@test "--state: clean under valgrind" {
	series 40 >in.csv
	valgrind_clean ae-smooth --median 3 --group id --state s.state -o out.aes in.csv
	valgrind_clean ae-smooth --median 3 --group id --state s.state -o out.aes in.csv
	valgrind_clean ae-smooth --mean 30 --group id --max-gap 80s --state mean.state -o out.aes in.csv
	valgrind_clean ae-smooth --mean 30 --group id --max-gap 80s --state mean.state -o out.aes -q <(sed '2,$s/,/,10000/' in.csv)
	valgrind_clean ae-thresh --stream quantile:0.9 --window 30 --group id --state t.state -o out.aes in.csv
	valgrind_clean ae-window --size 3 --group id --x err --state w.state -o out.aes in.csv
	valgrind_clean ae-window --size 3 --group id --x err --state w.state -o out.aes in.csv
}

@test "--state: whatever a file says with the right checksums, it is refused or taken" {
	/usr/bin/python3 -c 'import msgpack' 2>/dev/null || skip 'no msgpack for Python'
	series 60 >in.csv
	sed 1s/err/a/ in.csv >x.csv
	local command file
	while read -r file command; do
		rm -f s.state
		# shellcheck disable=SC2086 # they are words
		$command --state s.state -q -o out.aes $file
		/usr/bin/python3 "$ROOT/tests/tools/break_state.py" s.state 40
		for broken in s.state.*; do
			status=0
			# shellcheck disable=SC2086
			$command --state "$broken" -q -o out.aes $file 2>err.txt || status=$?
			if [ $status -gt 1 ] || { [ $status -eq 1 ] && ! grep -qE -- "--state $broken: |runs backwards" err.txt; }; then
				echo "status $status: $command with $broken: $(<err.txt)"
				return 1
			fi
		done
		rm s.state.*
	done <<-'END'
		in.csv ae-smooth --median 5 --group id --max-gap 1m
		in.csv ae-smooth --mean 3
		x.csv ae-transform --baseline median:4 --diff 3 --group id
		x.csv ae-window --size 4 --group id
	END
}

# scores MODEL ARG...: the scores of in.csv by a model, by these arguments of ae-err.
scores() {
	ae-normalize -q --pass id -m "$1" in.csv | ae-recon -m "$1" | ae-err "${@:2}" -m "$1"
}

@test "--state: made of the rows of another preparation, model or score it is refused, and says what differs" {
	local anew='; remove the file to start anew'
	series 60 | sed '1s/.*/id,a,b/' >in.csv
	ae-normalize -q --pass id --fit standard in.csv -o n.aes
	ae-train -q --net 2-1-2 --epochs 1 -m one.aem n.aes
	ae-train -q --net 2-1-2 --epochs 1 --seed 2 -m two.aem n.aes
	# windows of rows by another scaler
	ae-window -q --size 3 --state w.state -o out.aes n.aes
	ae-window -q --size 3 --state w.state -o out.aes n.aes
	head -n 40 in.csv | ae-normalize -q --pass id --fit standard >other.aes
	expect_error 1 "other.aes: --state w.state: made of the rows of another preparation: step 1, ae-normalize (standard per column, 2 columns), has other values here$anew" \
		ae-window --size 3 --state w.state other.aes
	expect_error 1 "*: made of the rows of another preparation: step 1 is ae-normalize (*) there, and here none$anew" \
		ae-window --size 3 --pass id --state w.state in.csv
	# scores of another model, metric, reference, units, statistics
	local command
	# shellcheck disable=SC2086,SC2317 # they are words; a function of a pipe
	for command in 'ae-smooth --mean 3' 'ae-thresh --stream quantile:0.9 --window 9'; do
		rm -f s.state
		scores one.aem --metric mae | $command --state s.state -o out.aes
		scores one.aem --metric mae | $command --state s.state -o out.aes
		cp s.state before
		refused() { expect_error 1 "<stdin>: --state s.state: made of $1$anew" $command --state s.state; }
		scores two.aem --metric mae | refused 'the rows of another model'
		scores one.aem --metric mse | refused 'scores by mae, and here mse'
		scores one.aem --metric mae --standardise | refused 'scores by mae, and here mae,standardise'
		ae-normalize -q --pass id -m one.aem in.csv | ae-recon -m one.aem | ae-normalize --invert | ae-err --metric mae |
			refused 'the rows of another preparation: *'
		cmp s.state before
	done
	scores one.aem --metric mae | ae-smooth --mean 3 | ae-thresh --stream quantile:0.9 --window 9 --state t.state -o out.aes
	scores one.aem --metric mae | ae-smooth --mean 3 --group id |
		expect_error 1 "*: made of scores smoothed by mean:3, and here mean:3, group id$anew" ae-thresh --stream quantile:0.9 --window 9 --state t.state
	# what decides no value is no matter: rows held out, the order of roles
	ae-train -q --net 2-1-2 --epochs 1 --calibrate 0.5 --calibrate-out held.aes -m one.aem n.aes
	rm s.state
	ae-recon -m one.aem n.aes | ae-err | ae-smooth --mean 3 --state s.state -o out.aes
	ae-recon -m one.aem held.aes | ae-err | ae-smooth --mean 3 --state s.state -o out.aes
}

@test "--state: ae-info says whose state it is, of which rows and how many" {
	series 60 >in.csv
	ae-smooth --mean 3 --group id --max-gap 10m --state s.state -o out.aes in.csv
	ae-info s.state >info.txt
	cmp info.txt - <<-END
		state       of ae-smooth
		settings    mean:3, group id, max-gap 10m
		scaler      none
		groups      3
		rows        60
		last time   $(date -u -d "@$(tail -n 1 in.csv | cut -d, -f2)" +%Y-%m-%dT%H:%M:%SZ)
	END
	sed 1s/err/a/ in.csv | ae-normalize -q --pass id --fit standard | ae-window -q --size 4 --state w.state -o out.aes
	ae-info w.state | sed -n '1,3p;$p' | cmp - <(printf '%-11s %s\n' state 'of ae-window' settings 'size 4, stride 1' \
		scaler 'standard per column, 1 columns' rows 60 | sed 's/1 columns/1 column/')
	head -c 100 s.state >cut.state
	expect_error 1 'cut.state: *' ae-info cut.state
	flip s.state 30 2 >bad.state
	expect_error 1 'bad.state: *' ae-info bad.state
}

@test "--state: SIGINT to a chain keeps states and rows, as SIGTERM does, and ends it by SIGINT" {
	series 60 | sed 1s/err/a/ >in.csv
	ae-train -q --net 3-1-3 --epochs 1 -m m.aem <(ae-window -q --size 3 --pass id,time --drop-incomplete in.csv -O aest) 2>/dev/null
	ae-window -q --size 3 --pass id,time in.csv | ae-recon -m m.aem | ae-err | ae-smooth --mean 4 -c >whole.csv
	mkfifo feed
	cat >chain.sh <<-'END'
		trap '' INT TERM
		env --default-signal=INT ae-window -q --size 3 --pass id,time --state w.state <feed |
			env --default-signal=INT ae-recon -m m.aem | env --default-signal=INT ae-err |
			env --default-signal=INT ae-smooth --mean 4 --state s.state -c >live.csv
		echo "${PIPESTATUS[*]}" >status
	END
	setsid bash chain.sh &
	local chain=$!
	exec 9>feed
	head -n 41 in.csv >&9
	eventually has_lines live.csv 41
	kill -INT -- "-$chain"
	wait "$chain" || true
	exec 9>&-
	[ "$(<status)" = '130 130 130 130' ]
	[ "$(ae-info w.state | sed -n 's/^rows *//p')" = 40 ]
	{ head -n 1 in.csv && tail -n +42 in.csv; } |
		ae-window -q --size 3 --pass id,time --state w.state | ae-recon -m m.aem | ae-err | ae-smooth --mean 4 --state s.state -c |
		tail -n +2 >>live.csv
	cmp live.csv whole.csv
}

@test "--state: one that another program uses is refused at the start; after SIGKILL the next run has it at once" {
	local pid n
	mkfifo feed
	mkdir other
	ln -s "$PWD/s.state" other/link
	for n in 1 2; do # at first there is no such file
		ae-smooth --mean 2 --state s.state -c <feed >live.csv &
		pid=$!
		exec 9>feed
		printf 'err\n1\n3\n' >&9
		eventually has_lines live.csv 3
		expect_error 1 '--state s.state: in use by another program: each one needs a file of its own' \
			ae-smooth --mean 2 --state s.state -c <<<$'err\n7'
		[ ! -s expect_error.out ]
		expect_error 1 '--state other/link: in use by another program: *' ae-window --size 2 --x err --state other/link -c <<<$'err\n7'
		expect_error 1 '--state s.state: in use by another program: *' \
			ae-thresh --stream quantile:0.9 --window 20 --state s.state -c <<<$'err\n7'
		printf 'err\n7\n' | ae-smooth --mean 2 --state other.state -o out.aes
		kill -TERM $pid
		wait $pid || [ $? -eq 143 ]
		exec 9>&-
		[ "$(ae-info s.state | sed -n 's/^rows *//p')" = $((2 * n)) ]
		[ -z "$(find . -name '.aefilters*')" ]
	done
	ae-smooth --mean 2 --state s.state -c <feed >live.csv &
	pid=$!
	exec 9>feed
	printf 'err\n1\n3\n' >&9
	eventually has_lines live.csv 3
	kill -KILL $pid
	exec 9>&-
	wait $pid || [ $? -eq 137 ]
	printf 'err\n5\n' | ae-smooth --mean 2 --state s.state -c | tail -n 1 | grep -qx 4
	[ -z "$(find . -name '.aefilters*')" ]
}

@test "--state: windows that are not full take room for the rows that came" {
	awk 'BEGIN { print "id,err"; for (i = 0; i < 40; i++) for (g = 0; g < 50; g++) printf "%d,%.4f\n", g, (i * 7919 + g * 104729) % 1000 / 7 }' >many.csv
	awk 'BEGIN { print "id,err"; for (i = 0; i < 2; i++) for (g = 0; g < 4000; g++) print g ",1" }' >groups.csv
	local command
	for command in 'ae-smooth --mean' 'ae-smooth --median' 'ae-thresh --stream quantile:0.9 --window'; do
		# shellcheck disable=SC2086 # they are words
		$command 1048576 -q --group id --state s.state -c many.csv >got.csv
		# shellcheck disable=SC2086
		$command 2000 -q --group id -c many.csv | cmp - got.csv
		[ "$(wc -c <s.state)" -lt 60000 ]
		# shellcheck disable=SC2086
		sanitized || [ -n "${AE_EMULATED-}" ] || (ulimit -v 2000000 && $command 1048576 -q --group id -o out.csv groups.csv)
		rm s.state
	done
}
