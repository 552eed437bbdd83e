#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-thresh --episodes: records of episodes, while verdicts flow on.
load helpers
load fixture

# log ERR...: a CSV log of these scores, one a second.
log() {
	local i=0 err
	echo time,err
	for err; do
		printf '2026-03-01T01:00:%02d,%s\n' $((i += 1)) "$err"
	done
}

# records FILTER: standard input through jq.
records() {
	jq -c "$1" | paste -sd' '
}

@test "episodes: what is wrong in the arguments alone is status 2" {
	local gap
	log 1 >a.csv
	for gap in -1 x 5y '' 0s 1.5; do
		expect_error 2 "--merge-gap $gap: expected a number of rows, or a time such as *" ae-thresh --at 1 --episodes e --merge-gap "$gap" a.csv
		expect_error 2 "--refractory $gap: expected *" ae-thresh --at 1 --episodes e --refractory "$gap" a.csv
	done
	for gap in 3 3/ /3 3/2 0/1 1/65 1/0 1/1/1 a/b; do
		expect_error 2 "--k-of-n $gap: expected K/N, such as 3/5, with N up to 64 and K up to N" ae-thresh --at 1 --episodes e --k-of-n "$gap" a.csv
	done
	expect_error 2 '--min-rows 0: *' ae-thresh --at 1 --episodes e --min-rows 0 a.csv
	expect_error 2 '--min-rows goes with --episodes*' ae-thresh --at 1 --min-rows 2 a.csv
	expect_error 2 '--clear goes with --episodes*' ae-thresh --at 1 --clear 2 a.csv
	expect_error 2 '--fit excludes *--episodes*' ae-thresh --fit sigma:1 --save s --episodes e a.csv
	expect_error 2 '--episodes - writes records instead of verdicts: *' ae-thresh --at 1 --episodes - -o v.csv a.csv
	expect_error 2 '--episodes - writes records instead of verdicts: *' ae-thresh --at 1 --episodes - -c a.csv
	expect_error 1 '--episodes a.csv: is the input' ae-thresh --at 1 --episodes a.csv a.csv
	expect_error 2 '--output v: is the file of --episodes' ae-thresh --at 1 --episodes v -o v a.csv
	expect_error 1 '--episodes: no/e: No such file or directory' ae-thresh --at 1 --episodes no/e a.csv
	expect_error 1 'a.csv: --group: no column "who"' ae-thresh --at 1 --episodes e --group who a.csv
	printf 'err\n1\n' >b.csv
	expect_error 1 'b.csv: --merge-gap: no column of role "time": *' ae-thresh --at 1 --episodes e --merge-gap 5s b.csv
}

@test "episodes: a record when one begins, and one when it has ended" {
	log 1 7 9 8 1 6 >a.csv
	ae-thresh --at 6 --episodes e.jsonl a.csv >v.csv
	ae-thresh --at 6 a.csv | cmp - v.csv
	cat >wanted <<-END
		{"event":"start","id":1,"start":"2026-03-01T01:00:02","start_row":2,"rows":1,"peak":7,"peak_time":"2026-03-01T01:00:02","peak_row":2,"threshold":6}
		{"event":"end","id":1,"start":"2026-03-01T01:00:02","start_row":2,"end":"2026-03-01T01:00:04","end_row":4,"rows":3,"peak":9,"peak_time":"2026-03-01T01:00:03","peak_row":3,"threshold":6}
		{"event":"start","id":2,"start":"2026-03-01T01:00:06","start_row":6,"rows":1,"peak":6,"peak_time":"2026-03-01T01:00:06","peak_row":6,"threshold":6}
		{"event":"end","id":2,"start":"2026-03-01T01:00:06","start_row":6,"end":"2026-03-01T01:00:06","end_row":6,"rows":1,"open":true,"peak":6,"peak_time":"2026-03-01T01:00:06","peak_row":6,"threshold":6}
	END
	diff wanted e.jsonl
	ae-thresh --at 6 --episodes - a.csv | diff wanted -
	ae-thresh --at 6 --episodes e.jsonl -q a.csv >v.csv # a second run goes on behind the first
	cat wanted wanted | diff - e.jsonl
}

@test "episodes: rows without times are told once, and who reads them" {
	local missing='no column of role "time": records of episodes have numbers of rows and no times; --time COL of'
	printf 'err\n1\n7\n' >a.csv
	ae-thresh --at 6 --episodes e.jsonl a.csv a.csv >v.csv 2>err
	[ "$(<err)" = "ae-thresh: a.csv: $missing ae-thresh says which column has them" ]
	ae-cat a.csv | ae-thresh --at 6 --episodes - >e.jsonl 2>err
	[ "$(<err)" = "ae-thresh: <stdin>: $missing the program that reads the text says which column has them" ]
	ae-thresh -q --at 6 --episodes - a.csv >e.jsonl 2>err
	[ ! -s err ]
	ae-thresh --at 6 --prom p.prom a.csv >v.csv 2>err
	log 1 7 >a.csv
	ae-thresh --at 6 --episodes - a.csv >e.jsonl 2>>err
	[ ! -s err ]
}

@test "episodes: a group, the features of the peak, and the model" {
	ae-normalize -m "$F/m.aem" "$F/test.aes" | ae-recon -m "$F/m.aem" | ae-err --top 4 -m "$F/m.aem" -o e.aes
	ae-thresh -m "$F/m.aem" --episodes - --group label e.aes >e.jsonl
	[ "$(wc -l <e.jsonl)" -gt 3 ]
	ae-info "$F/m.aem" | awk '$1 == "digest" { print $2 }' >digest
	[ "$(jq -r .model e.jsonl | sort -u)" = "$(<digest)" ]
	ae-thresh -m "$F/m.aem" -O jsonl e.aes >v.jsonl
	jq -s --slurpfile e e.jsonl '. as $v | $e | all(. as $e | $v[.peak_row - 1] | .pred == 1 and .err == $e.peak and
		.label == $e.group and [{feature: .top1, share: .top1_share}, {feature: .top2, share: .top2_share},
		{feature: .top3, share: .top3_share}] == $e.top)' v.jsonl | grep -qx true
}

@test "episodes: a threshold of groups has episodes of groups, unless --group says others" {
	awk 'BEGIN { print "unit,machine,err"; for (i = 0; i < 400; i++) print "u,m" i % 2 "," i % 10 / 10 }' >fit.csv
	awk 'BEGIN { print "unit,machine,err"; for (i = 0; i < 40; i++) print "u,m" i % 2 "," (i % 2 && i > 10 && i < 30 ? 9 : 0.1) }' >log.csv
	ae-thresh -q --pass unit --fit quantile:1 --group machine --save t.thr fit.csv
	ae-thresh -m t.thr --pass unit --min-rows 3 --episodes - log.csv >e.jsonl
	jq -es 'length == 2 and .[1].group == "m1" and .[1].rows == 10' e.jsonl
	ae-thresh -m t.thr --pass unit --min-rows 3 --group machine --episodes - log.csv | cmp - e.jsonl
	ae-thresh -m t.thr --pass unit --group unit --episodes - log.csv | jq -es 'length == 20 and all(.group == "u")'
}

@test "episodes: rules and groups against a plain twin" {
	local twin=$ROOT/tests/tools/check_episodes.py rules options
	/usr/bin/python3 "$twin" make >log.csv
	while IFS='|' read -r rules options; do
		# shellcheck disable=SC2086 # words
		ae-thresh --missing mask --at 6 --group machine --episodes - $options log.csv >e.jsonl 2>note
		/usr/bin/python3 "$twin" check "$rules" <e.jsonl >counts
		[ "$(cut -d' ' -f1 counts)" -gt 3 ]
		grep -q "^ae-thresh: $(cut -d' ' -f2 counts) episodes\? held back by --refractory$" note || grep -q ' 0$' counts
	done <<-'END'
		dict()|
		dict(clear=4)|--clear 4
		dict(clear=7)|--clear 7
		dict(min_rows=3)|--min-rows 3
		dict(k=2, n=3)|--k-of-n 2/3
		dict(k=3, n=10, clear=3)|--k-of-n 3/10 --clear 3
		dict(merge=(4, 0))|--merge-gap 4
		dict(merge=(0, 7))|--merge-gap 7s
		dict(refractory=(20, 0))|--refractory 20
		dict(refractory=(0, 60))|--refractory 1m
		dict(k=2, n=4, clear=5, min_rows=3, merge=(0, 9), refractory=(0, 30))|--k-of-n 2/4 --clear 5 --min-rows 3 --merge-gap 9s --refractory 30s
	END
}

@test "episodes: the same records however the rows come" {
	local n
	/usr/bin/python3 "$ROOT/tests/tools/check_episodes.py" make >log.csv
	args=(--at 6 --group machine --merge-gap 3 --k-of-n 2/4 --episodes)
	ae-thresh --missing mask "${args[@]}" - log.csv >whole.jsonl
	[ "$(wc -l <whole.jsonl)" -gt 10 ]
	for n in 1 2 7 17 512; do
		ae-cat --missing mask --batch-rows $n log.csv -o in.aes
		ae-thresh "${args[@]}" - in.aes | cmp - whole.jsonl
		ae-thresh "${args[@]}" e$n.jsonl in.aes >v.csv
		cmp e$n.jsonl whole.jsonl
	done
}

@test "episodes: live, a record is there before the next row" {
	local pid
	mkfifo in
	ae-thresh --at 6 --min-rows 2 --episodes e.jsonl <in >v.csv &
	pid=$!
	exec 5>in
	log 1 7 7 >&5
	eventually has_lines e.jsonl 1
	[ "$(records .rows <e.jsonl)" = 2 ]
	[ "$(wc -l <v.csv)" -ge 3 ]
	mv e.jsonl e.1.jsonl # what rotates a log
	log 1 7 7 | sed 1d >&5
	eventually has_lines e.jsonl 2
	[ "$(records .event <e.jsonl)" = '"end" "start"' ]
	kill "$pid"
	wait "$pid" || [ $? -eq 143 ]
	exec 5>&-
	[ "$(records '[.event, .open]' <e.jsonl)" = '["end",null] ["start",null] ["end",true]' ]
}

@test "episodes: a threshold that follows the stream, and rows that are left out" {
	log 1 2 1 2 9 9 1 bad 9 >a.csv
	ae-thresh --on-bad skip --stream quantile:1 --window 4 --hold-anomalies --episodes - a.csv 2>/dev/null >e.jsonl
	[ "$(records '[.event, .start_row, .threshold, .end_row]' <e.jsonl)" = \
		'["start",5,2,null] ["end",5,2,6] ["start",8,2,null] ["end",8,2,8]' ]
}

@test "episodes: --max-gap ends one, and so does the end of a stream" {
	{
		log 7 7
		echo 2026-03-01T02:00:00,8
	} >a.csv
	[ "$(ae-thresh --at 6 --max-gap 1m --episodes - a.csv | records '[.event, .start_row, .end_row, .open]')" = \
		'["start",1,null,null] ["end",1,2,true] ["start",3,null,null] ["end",3,3,true]' ]
	[ "$(ae-thresh --at 6 --episodes - a.csv a.csv | records '[.id, .start_row, .end_row]')" = \
		'[1,1,null] [1,1,3] [2,4,null] [2,4,6]' ]
}

@test "episodes: of too many groups the one not seen for longest ends" {
	printf 'id,err\na,9\nb,9\nc,9\na,9\n' >a.csv
	ae-thresh --at 6 --group id --max-groups 2 --episodes - a.csv >e.jsonl 2>note
	[ "$(records '[.event, .group, .start_row]' <e.jsonl)" = '["start","a",1] ["start","b",2] ["end","a",1] ["start","c",3] ["end","b",2] ["start","a",4] ["end","c",3] ["end","a",4]' ]
	grep -q max-groups note
}

@test "episodes: times that are none or run backwards are told and taken for the last one" {
	printf 'time,err\n10,9\nx,1\n5,9\n30,9\n' >a.csv
	ae-thresh --at 6 --merge-gap 5s --episodes - a.csv 2>note | records '[.event, .start_row, .end_row]' >got
	[ "$(<got)" = '["start",1,null] ["end",1,4]' ]
	grep -qx 'ae-thresh: a.csv: line 3: time "x" is none, or earlier .*' note
	grep -qx 'ae-thresh: 2 rows without a time that goes on, for episodes' note
}

@test "episodes: times of the years 0 to 9999, in any spelling" {
	cat >a.csv <<-END
		0000-01-01T00:00:30+00:01
		0000-01-01 00:00:00.999999999
		1677-09-21T00:12Z
		1677-09-21t00:12:31
		9223372036
		9223372067.0000001
		9999-12-31T23:59:28.9999Z
		9999-12-31T23:59:59.9999
	END
	sed 's/.*/&,9\n&,1/; 1i time,err' a.csv >b.csv
	[ "$(ae-thresh --at 6 --merge-gap 31s --episodes - b.csv | jq -c 'select(.end) | [.start_row, .end_row]' | paste -sd' ')" = \
		'[1,3] [5,7] [9,9] [11,11] [13,15]' ]
	[ "$(ae-thresh --at 6 --max-gap 31s --merge-gap 9 --episodes - b.csv | jq -c 'select(.end) | [.start_row, .end_row]' | paste -sd' ')" = \
		'[1,3] [5,7] [9,9] [11,11] [13,15]' ]
}

@test "episodes: rows before the first time of a group have that one" {
	printf 'time,err\n,9\n?,1\n-5,1\n1,1\n1,9\n' >a.csv
	[ "$(ae-thresh --at 6 --merge-gap 6s --max-gap 9s --episodes - a.csv 2>note | records '[.event, .start_row, .end_row]')" = \
		'["start",1,null] ["end",1,5]' ]
	grep -qx 'ae-thresh: 2 rows without a time that goes on, for episodes' note
	ae-thresh --at 6 --merge-gap 5s --episodes - a.csv 2>note | grep -c '"end"' | grep -qx 2
}

@test "episodes: the peak is an anomaly, also where thresholds differ" {
	printf 'err\n1\n1\n20\n20\n11\n12\n1\n1\n1\n' >a.csv # 11 is an anomaly by 10.5, and 12 is none by 15.5
	ae-thresh --stream quantile:0.5 --window 4 --k-of-n 1/2 --episodes - a.csv | records '[.event, .start_row, .end_row, .peak_row, .peak, .threshold]' >got
	[ "$(<got)" = '["start",5,null,5,11,10.5] ["end",5,5,5,11,10.5]' ]
	log 7 7 1 1 9 1 1 1 8 8 1 9 >a.csv # one between two stretches counts; one behind the last does not
	[ "$(ae-thresh --at 6 --k-of-n 2/2 --merge-gap 9 --episodes - a.csv | records '[.event, .rows, .peak_row]')" = '["start",2,1] ["end",10,5]' ]
	[ "$(ae-thresh --at 6 --min-rows 2 --merge-gap 9 --episodes - a.csv | records '[.event, .rows, .peak_row]')" = '["start",2,1] ["end",10,5]' ]
}

@test "episodes: one that may go on when the rows end is open" {
	log 9 1 1 >a.csv
	[ "$(ae-thresh --at 6 --merge-gap 1 --episodes - a.csv | records .open)" = 'null null' ]
	[ "$(ae-thresh --at 6 --merge-gap 2 --episodes - a.csv | records .open)" = 'null true' ]
	log 9 1 9 >a.csv # the second is too short so far
	[ "$(ae-thresh --at 6 --min-rows 2 --clear 1 --episodes - a.csv | records .open)" = 'null true' ]
}

@test "episodes: the row that ends a refractory time has a score" {
	printf 'id,err\na,9\na,1\na,9\na,9\na,\na,9\n' >a.csv
	[ "$(ae-thresh --missing mask --at 6 --refractory 3 --episodes - a.csv | jq -c 'select(.id == 2) | [.event, .rows]' | paste -sd' ')" = \
		'["start",4] ["end",4]' ]
}

@test "episodes: texts of any bytes make good JSON" {
	printf 'id,time,err\n"a\001\\""\xff",%s,9\n' "$(printf 'ü%.0s' {1..40})" >a.csv
	ae-thresh --at 6 --group id --episodes - a.csv >e.jsonl
	[ "$(head -1 e.jsonl | jq -c '[.group, (.start | length)]')" = '["a\u0001\\\"�",23]' ]
	jq -e .id e.jsonl >/dev/null
}

@test "episodes: a full disk is an error, and so is a reader that has gone" {
	log 1 7 1 >a.csv
	expect_error 1 '--episodes: /dev/full: No space left on device' ae-thresh --at 6 --episodes /dev/full a.csv
	expect_error 1 '<stdout>: No space left on device' full ae-thresh --at 6 --episodes - a.csv
	mkfifo pipe
	cat pipe >got &
	ae-thresh --at 6 --episodes pipe a.csv >v.csv
	wait $!
	[ "$(wc -l <got)" -eq 2 ]
	mkdir small
	if mount -t tmpfs -o size=4k tmpfs small 2>/dev/null; then
		head -c 3900 /dev/zero | tr '\0' '\n' >small/e.jsonl
		got=0
		ae-thresh --at 6 --episodes small/e.jsonl a.csv >v.csv 2>note || got=$?
		tail -c 200 small/e.jsonl | sed '/^!\?$/d' >rest
		umount small
		[ "$got" -eq 1 ]
		grep -q 'No space left on device' note
		[ ! -s rest ] || jq -e .id rest # no half of a record
	fi
}

@test "episodes: clean under valgrind" {
	/usr/bin/python3 "$ROOT/tests/tools/check_episodes.py" make | head -200 >log.csv
	valgrind_clean ae-thresh --missing mask --at 6 --group machine --max-groups 2 --merge-gap 4s --episodes e.jsonl log.csv >v.csv
}

@test "episodes: only a run that wrote to the file marks it" {
	log 1 7 1 >a.csv
	expect_error 1 'nowhere.csv: *' ae-thresh --at 6 --episodes e.jsonl nowhere.csv
	expect_error 2 'unknown input format *' ae-thresh --at 6 --episodes e.jsonl -I nonsense a.csv
	[ ! -s e.jsonl ]
	rm -f e.jsonl
	mkfifo in
	ae-thresh --at 6 --episodes e.jsonl <in >v.csv 3>&- &
	exec 8>in
	eventually [ -e e.jsonl ]
	kill -TERM $!
	local status=0
	wait $! || status=$?
	exec 8>&-
	[ "$status" -eq 143 ]
	[ ! -s e.jsonl ]
	printf 'err\n1\n7\n1\nx\n' >b.csv
	printf 'err\n1\nx\n' >c.csv
	run -1 ae-thresh --at 6 --episodes e.jsonl c.csv
	[ ! -s e.jsonl ]
	run -1 ae-thresh --at 6 --episodes e.jsonl b.csv
	[ "$(jq -Rr 'fromjson? // . | .event? // .' e.jsonl | paste -sd' ')" = 'start end !' ]
	ae-thresh --at 6 --episodes /dev/fd/7 a.csv 7>seven >v.csv
	ae-thresh --at 6 --episodes - a.csv | cmp - seven
}
