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

@test "--state: episodes whose last row comes before their first one are refused" {
	printf 'err\n9\n9\n9\n' >in.csv
	ae-thresh -q --at 5 --k-of-n 1/2 --min-rows 9 --episodes e.jsonl --state s.state in.csv >out.csv
	# the numbers of the first and of the last row change places; the sum is right
	python3 -c '
import struct, zlib
data = open("s.state", "rb").read()
at = data.rfind(b"\x96\xc4\x00")
group = data[at:-5]
first, last = group.find(b"\x96\x01\x01"), group.find(b"\x96\x03\x03")
assert -1 < first < last and struct.unpack(">I", data[-4:])[0] == zlib.crc32(group)
group = bytearray(group)
group[first:first + 3], group[last:last + 3] = group[last:last + 3], group[first:first + 3]
open("s.state", "wb").write(data[:at] + group + b"\xce" + struct.pack(">I", zlib.crc32(group)))'
	expect_error 1 'in.csv: --state s.state: *bad episodes of a group' \
		ae-thresh -q --at 5 --k-of-n 1/2 --min-rows 9 --episodes e.jsonl --state s.state in.csv
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
		ae-thresh --at 1 --episodes e
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
	for _ in 1 2; do
		valgrind_clean ae-thresh --at 2 --episodes e --k-of-n 2/5 --merge-gap 9s --group id --max-groups 2 --state e.state -q -o out.aes in.csv
	done
}

@test "--state: episodes of runs cut anywhere are those of one run" {
	[ "$(python3 "$ROOT/tests/tools/cut_episodes.py" 1 25)" -gt 100 ]
}

# records FILE: event, number and rows of each record.
records() {
	jq -c '[.event, .id, .start_row, .end_row, .open]' "$1" | paste -sd' '
}

@test "--state: an episode that goes on when a run is stopped has no end, and goes on in the next one" {
	mkfifo feed
	printf 'err\n1\n9\n9\n' >a.csv
	ae-thresh --at 5 --episodes e.jsonl --prom a.prom --state s.state <feed >live.csv &
	local pid=$!
	exec 9>feed
	cat a.csv >&9
	eventually has_lines live.csv 4
	kill -TERM $pid
	wait $pid || [ $? -eq 143 ]
	exec 9>&-
	[ "$(records e.jsonl)" = '["start",1,2,null,null]' ]
	grep -qx 'ae_episodes_open{name="a"} 1' a.prom
	[ "$(ae-info s.state | sed -n 's/^rows *//p; s/^episodes *//p' | paste -sd' ')" = '3 1, 1 of them open' ]
	printf 'err\n8\n1\n7\n1\n' >b.csv
	ae-thresh --at 5 --episodes e.jsonl --prom a.prom --state s.state b.csv >>live.csv
	[ "$(records e.jsonl)" = '["start",1,2,null,null] ["end",1,2,4,null] ["start",2,6,null,null] ["end",2,6,6,null]' ]
	grep -qx 'ae_episodes_open{name="a"} 0' a.prom
	grep -qx 'ae_episodes_total{name="a"} 2' a.prom
	grep -qx 'ae_rows_total{name="a"} 7' a.prom
	grep -qx 'ae_anomalies_total{name="a"} 4' a.prom
	# of several files the first goes on from it, each ends its own, and what is kept is that of the last
	rm s.state e.jsonl
	ae-thresh --at 5 --episodes e.jsonl --state s.state a.csv a.csv >/dev/null
	[ "$(records e.jsonl)" = '["start",1,2,null,null] ["end",1,2,3,true] ["start",2,5,null,null]' ]
	ae-thresh --at 5 --episodes - --state s.state b.csv | head -n 1 >e.jsonl
	[ "$(records e.jsonl)" = '["end",2,5,7,null]' ]
}

@test "--state: episodes of other rules are refused, and the message says which" {
	local options there here
	printf 'id,time,err\na,1,9\nb,2,9\n' >in.csv
	while IFS='|' read -r options there here; do
		rm -f s.state
		ae-thresh --at 5 --episodes - --state s.state in.csv >e.jsonl
		cp s.state before
		# shellcheck disable=SC2086 # words
		expect_error 1 "in.csv: --state s.state: episodes of other rules: it has $there, this run $here; remove the file to start anew" \
			ae-thresh -q --at 5 $options --episodes - --state s.state in.csv
		cmp s.state before
	done <<-'END'
		--k-of-n 2/3|k-of-n 1/1|k-of-n 2/3
		--min-rows 2|min-rows 1|min-rows 2
		--clear 4|clear none|clear 4
		--merge-gap 4|merge-gap 0|merge-gap 4
		--merge-gap 4s|merge-gap 0|merge-gap 4s
		--refractory 90s|refractory 0|refractory 90s
		--id time|time time|time none
	END
	expect_error 1 '*: it has threshold 5, this run threshold 6; *' ae-thresh --at 6 --episodes - --state s.state in.csv
	expect_error 1 '*: a state of other settings: it has episodes, this run episodes, group id; *' ae-thresh --at 5 --group id --episodes - --state s.state in.csv
	sed 's/$/,x,0.5/; 1s/x,0.5/top1,top1_share/' in.csv >top.csv
	expect_error 1 '*: it has top 0, this run top 1; *' ae-thresh --at 5 --episodes - --state s.state top.csv
	# a threshold of its own file, of all rows or of groups
	awk 'BEGIN { print "id,err"; for (i = 0; i < 300; i++) print (i % 2 ? "a" : "b") "," i % 7 }' >fit.csv
	ae-thresh -q --fit quantile:0.5 --save t.thr fit.csv
	rm s.state
	ae-thresh -m t.thr --episodes - --state s.state in.csv >e.jsonl
	ae-thresh -m t.thr --episodes - --state s.state in.csv >e.jsonl
	ae-thresh -q --fit quantile:0.9 --save t.thr fit.csv
	expect_error 1 '*: it has threshold 3 (quantile:0.5, *), this run threshold 6 (quantile:0.9, *); *' ae-thresh -m t.thr --episodes - --state s.state in.csv
	ae-thresh -q --fit quantile:0.5 --group id --save t.thr fit.csv
	expect_error 1 '*: it has group none, this run group id; *' ae-thresh -m t.thr --episodes - --state s.state in.csv
	# what the groups of --stream keep is one thing, episodes are another
	rm s.state
	ae-thresh --stream quantile:0.9 --window 4 --state s.state in.csv >v.csv
	ae-thresh --stream quantile:0.9 --window 4 --episodes - --state s.state in.csv >e.jsonl # a state without episodes is taken
	expect_error 1 '*: it has episodes, with which --episodes, --exec or --prom go on; *' ae-thresh --stream quantile:0.9 --window 4 --state s.state in.csv
	expect_error 1 '*: a state of other settings: it has quantile:0.9, window 4, this run episodes; *' ae-thresh --at 5 --episodes - --state s.state in.csv
	expect_error 2 '*--state with the latter four' ae-thresh --at 5 --state s.state in.csv
}

@test "--state: episodes of more groups than there may be now end, and are told of" {
	printf 'id,err\na,9\nb,9\nc,9\n' >in.csv
	printf 'id,err\nc,1\n' >more.csv
	ae-thresh --at 5 --group id --episodes - --state s.state in.csv >e.jsonl
	cp s.state first.state
	ae-thresh --at 5 --group id --max-groups 1 --episodes - --state s.state more.csv | jq -c '[.event, .group, .open]' | paste -sd' ' >got
	[ "$(<got)" = '["end","a",true] ["end","b",true] ["end","c",null]' ]
	ae-thresh --at 5 --group id --max-groups 1 --episodes e.jsonl --state first.state more.csv >v.csv
	tail -n 3 e.jsonl | jq -c '[.event, .group, .open]' | paste -sd' ' | cmp - got
	printf 'id,err\n' | ae-thresh --at 5 --group id --episodes - --state s.state # and a run without rows changes nothing
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
		in.csv ae-thresh --at 2 --episodes /dev/null --k-of-n 2/5 --merge-gap 9s --group id
		in.csv ae-thresh --at 3 --prom in.prom --min-rows 2 --clear 1 --refractory 4
		in.csv ae-thresh --stream quantile:0.9 --window 9 --group id --max-gap 1m --episodes /dev/null
		x.csv ae-transform --baseline median:4 --diff 3 --group id
		x.csv ae-window --size 4 --group id
	END
}

# scores MODEL ARG...: the scores of in.csv by a model, by these arguments of ae-err.
scores() {
	ae-normalize -q --pass id -m "$1" in.csv | ae-recon -m "$1" | ae-err "${@:2}" -m "$1"
}

# scored TEXT MODEL ARG...: the same of rows of a text.
scored() {
	ae-normalize -q --pass id -m "$2" <<<"$1" | ae-recon -m "$2" | ae-err "${@:3}"
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
		[[ $command == ae-smooth* ]] || scores two.aem --metric mae | refused 'the rows of another model'
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

@test "--state: smoothing and episodes go on with another model of the same preparation, and note it" {
	local one two
	series 300 | sed '1s/.*/id,a,b/' >in.csv
	ae-normalize -q --pass id --fit standard in.csv -o n.aes
	ae-train -q --net 2-1-2 --epochs 1 -m one.aem n.aes
	ae-train -q --net 2-1-2 --epochs 1 --seed 2 -m two.aem n.aes
	one=$(head -n 151 in.csv) two=$(sed 2,151d in.csv)
	{ scored "$one" one.aem -c && scored "$two" two.aem -c | tail -n +2; } >err.csv
	scored "$one" one.aem | ae-smooth --mean 7 --group id --state s.state -c >got.csv
	scored "$two" two.aem | ae-smooth --mean 7 --group id --state s.state --headerless -c >>got.csv 2>note
	ae-smooth --mean 7 --group id -c err.csv | cmp - got.csv
	[ "$(<note)" = 'ae-smooth: --state s.state: of the scores of another model: it goes on with those of this one' ]
	for m in one two; do
		scored "$one" $m.aem | ae-thresh -q --fit fixed:0.1 -m $m.aem >threshold.txt
	done
	scored "$one" one.aem | ae-thresh -m one.aem --group id --merge-gap 2 --episodes - --state e.state >e.jsonl
	scored "$two" two.aem | ae-thresh -m two.aem --group id --merge-gap 2 --episodes - --state e.state >>e.jsonl 2>note
	[ "$(tail -n 1 note)" = 'ae-thresh: --state e.state: of the scores of another model: it goes on with those of this one' ]
	{ scored "$one" one.aem | ae-thresh -m one.aem -c && scored "$two" two.aem | ae-thresh -m two.aem --headerless -c; } >v.csv
	# numbers go on, ids do, and an episode crosses from one to the other
	awk -F, 'NR > 1 { print $NF }' v.csv >pred
	jq -r 'select(.event == "start").start_row' e.jsonl | while read -r row; do sed -n "${row}p" pred; done | uniq | grep -qx 1
	jq -es '[.[] | select(.event == "start").id] == [range(1; 1 + ([.[] | select(.event == "start")] | length))] and
		any(.[]; .start_row <= 150 and .end_row > 150)' e.jsonl
	# the threshold of the same model is a rule
	scored "$one" two.aem | ae-thresh -q --fit fixed:0.2 -m two.aem >threshold.txt
	scored "$two" two.aem |
		expect_error 1 '*: episodes of other rules: it has threshold *' ae-thresh -q -m two.aem --group id --merge-gap 2 --episodes - --state e.state
	# what follows scores does not mix those of two models
	scored "$one" one.aem | ae-thresh --stream quantile:0.9 --window 9 --episodes - --state t.state >e.jsonl
	scored "$two" two.aem |
		expect_error 1 '*: made of the rows of another model; *' ae-thresh -q --stream quantile:0.9 --window 9 --episodes - --state t.state
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

@test "--state: files whose long names begin alike are no one file" {
	local long
	long=$(printf 'n%.0s' {1..220})
	mkfifo feed
	printf 'err\n1\n2\n' >err.csv
	ae-smooth --mean 2 --state "${long}a" <feed >out.aes &
	exec 9>feed
	cat err.csv >&9
	eventually compgen -G '.aefilters-lock-*' >locks
	ae-smooth --mean 2 --state "${long}b" err.csv >/dev/null
	expect_error 1 '*in use by another program*' ae-smooth --mean 2 --state "${long}a" err.csv
	exec 9>&-
	wait
}
