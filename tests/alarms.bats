#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-thresh --exec, --prom and SIGUSR1: what takes records of episodes, and counts.
load helpers
load scoring


setup() {
	helpers_setup
	printf 'err\n1\n9\n9\n1\n7\n' >a.csv
}

# script NAME LINE...: a program of the shell.
script() {
	printf '%s\n' '#!/bin/sh' "${@:2}" >"$1"
	chmod +x "$1"
}

# metric FILE NAME: its value.
metric() {
	sed -n "s/^ae_$2{name=\"[^\"]*\"} //p" "$1"
}

# is FILE NAME VALUE: the metric has it.
is() {
	[ "$(metric "$1" "$2")" = "$3" ]
}

@test "alarms: --exec runs a program for each record, one at a time, in order" {
	script take 'mkdir busy || exit 1' 'cat >>got' 'sleep 0.05' 'rmdir busy' 'echo said'
	ae-thresh --at 5 --episodes e.jsonl --exec ./take a.csv >v.csv 2>note
	[ "$(wc -l <e.jsonl)" -eq 4 ]
	cmp got e.jsonl
	ae-thresh --at 5 a.csv | cmp - v.csv # nothing of what it prints is among the verdicts
	[ "$(grep -v 'no column of role "time"' note | sort | uniq -c | tr -s " ")" = " 4 said" ]
	PATH=$PWD:$PATH ae-thresh --at 5 --exec take --episodes - a.csv 2>/dev/null | cmp - e.jsonl
	cat e.jsonl e.jsonl | cmp - got
}

@test "alarms: --exec takes no words for the shell, and needs a program" {
	mkdir folder
	: >plain
	for name in ./none ./folder ./plain none 'true x' ''; do
		expect_error 1 "--exec $name: there is no such program*" ae-thresh --at 5 --exec "$name" a.csv
	done
	env -u PATH "$(command -v ae-thresh)" --at 5 --exec true a.csv >/dev/null # as execvp does
	script 'a;touch b' 'cat >got'
	ae-thresh --at 9 --exec './a;touch b' a.csv >/dev/null
	[ -s got ] && [ ! -e b ]
	expect_error 2 '--exec-timeout x: expected a time *' ae-thresh --at 5 --exec ./plain --exec-timeout x a.csv
	expect_error 2 '*at least 1ms' ae-thresh --at 5 --exec true --exec-timeout 0.999ms a.csv
	ae-thresh --at 9 --exec true --exec-timeout 1ms a.csv >/dev/null 2>&1
	expect_error 2 '--exec-timeout goes with --exec' ae-thresh --at 5 --exec-timeout 1s a.csv
}

@test "alarms: --exec that fails is told once and counted, and the verdicts are there" {
	script fail 'exit 3'
	ae-thresh --at 5 --exec ./fail a.csv >v.csv 2>note
	ae-thresh --at 5 a.csv | cmp - v.csv
	printf 'ae-thresh: --exec ./fail: %s\n' 'exit status 3; others that fail are counted' '0 records taken, 4 failed, 0 dropped' | diff - <(grep -v 'no column of role' note)
	# shellcheck disable=SC2016 # the script's
	script once 'rm "$0"'
	ae-thresh --at 5 --exec ./once a.csv 2>note >v.csv
	grep -qx 'ae-thresh: --exec ./once: 1 record taken, 3 failed, 0 dropped' note
	grep -q 'No such file or directory; others' note
	script killed 'kill -9 $$'
	ae-thresh --at 5 --exec ./killed a.csv 2>&1 >v.csv | grep -q 'ended by signal 9'
	[ "$(ae-thresh -q --at 5 --exec ./fail a.csv 2>&1 >v.csv | wc -c)" -eq 0 ]
}

@test "alarms: --exec that hangs is killed with what it started, holds nothing up, and what has no room is dropped" {
	local pid
	script hang 'sleep 1000 &' 'echo $! >>pids' 'wait'
	mkfifo in
	ae-thresh --at 5 --exec ./hang --prom m.prom <in >v.csv 2>note &
	pid=$!
	exec 5>in
	{
		echo err
		seq 300 | awk '{ print NR % 2 ? 9 : 1 }'
	} >&5
	eventually has_lines v.csv 301
	eventually is m.prom exec_dropped_total 235 # one runs, 64 wait
	kill "$pid"
	wait "$pid" || [ $? -eq 143 ]
	exec 5>&-
	grep -qx 'ae-thresh: --exec ./hang: one still ran, and was killed' note
	grep -qx 'ae-thresh: --exec ./hang: 0 records taken, 1 failed, 299 dropped' note
	eventually gone "$(<pids)"
	rm pids
	ae-thresh --at 9 --exec ./hang --exec-timeout 100ms a.csv 2>note >v.csv
	grep -qx 'ae-thresh: --exec ./hang: it was killed after its time (--exec-timeout); others that fail are counted' note
	while read -r pid; do
		eventually gone "$pid"
	done <pids
}

@test "alarms: --exec that leaves its process group is killed too, and what a run leaves behind is not" {
	local pid
	cat >away <<-'END'
		#!/usr/bin/python3
		import os, time
		os.setpgid(0, os.getpgid(os.getppid()))
		print(os.getpid(), file=open("pids", "a"), flush=True)
		time.sleep(1000)
	END
	chmod +x away
	ae-thresh --at 9 --exec ./away --exec-timeout 1s a.csv 2>note >v.csv
	grep -q 'killed after its time' note
	while read -r pid; do
		eventually gone "$pid"
	done <pids
	script leave 'sleep 1000 <&- >&- 2>&- &' 'echo $! >>left'
	printf 'err\n9\n' | ae-thresh --at 9 --exec ./leave >v.csv 2>note
	xargs kill <left
	[ "$(grep -vc 'no column of role' note)" = 0 ]
}

@test "alarms: --exec gets records before the next row" {
	local pid
	script take 'cat >>got'
	mkfifo in
	ae-thresh --at 5 --exec ./take <in >v.csv &
	pid=$!
	exec 5>in
	printf 'err\n9\n' >&5
	eventually has_lines got 1
	printf '1\n' >&5
	eventually has_lines got 2
	printf '9\n' >&5
	eventually has_lines got 3
	kill "$pid" # whose last record goes out too
	wait "$pid" || [ $? -eq 143 ]
	exec 5>&-
	[ "$(jq -c '[.event, .open]' <got | paste -sd' ')" = '["start",null] ["end",null] ["start",null] ["end",true]' ]
}

@test "alarms: --prom writes counts as node_exporter reads them" {
	ae-thresh --at 5 --on-bad skip --missing mask --prom p.prom - >v.csv 2>/dev/null <<-END
		err
		1
		9
		nan
		x
		7.5
	END
	sed 's/timestamp_seconds{name="p"} [0-9]*\.[0-9][0-9][0-9]$/timestamp_seconds{name="p"} NOW/' p.prom | grep -v '^#' | diff - <(
		printf 'ae_%s{name="p"} %s\n' rows_total 4 anomalies_total 2 unjudged_rows_total 1 rejected_rows_total 1 \
			episodes_total 1 episodes_open 0 exec_taken_total 0 exec_failed_total 0 exec_dropped_total 0 score 7.5 threshold 5 \
			last_row_timestamp_seconds NOW
	)
	[ "$(grep -c '^# HELP ae_[a-z_]* [A-Z].*\.$' p.prom)" -eq 12 ]
	[ "$(grep -Ec '^# TYPE ae_([a-z_]*_total counter|[a-z_]* gauge)$' p.prom)" -eq 12 ]
	[ "$(grep -Evc '^(# (HELP|TYPE) ae_|ae_[a-z_]+\{name="p"\} )' p.prom)" -eq 0 ]
	expect_error 1 '--prom: no/p.prom: *' ae-thresh --at 5 --prom no/p.prom a.csv
	expect_error 1 '--prom a.csv: is the input' ae-thresh --at 5 --prom a.csv a.csv
	mkfifo in
	expect_error 1 '--prom: in: is no regular file' ae-thresh --at 5 --prom in a.csv
	ae-thresh --at 5 --prom $'a\n"\\\001.b.prom' a.csv >v.csv
	grep -qxF 'ae_rows_total{name="a_\"\\_.b"} 5' ./*.b.prom
}

@test "alarms: --prom has the values observed in the last row, where rows say how many" {
	printf '%s\n' a,b,err 1,2,3 1,,9 >in.csv
	ae-normalize --fit div:1 --x a,b --missing mask --n-obs in.csv | ae-thresh --at 5 --prom p.prom >v.csv
	grep -qx 'ae_observed_values{name="p"} 1' p.prom
	grep -qx '# TYPE ae_observed_values gauge' p.prom
	ae-normalize -q --fit div:1 --x a,b --missing mask in.csv | ae-thresh --at 5 --prom p.prom >v.csv
	[ "$(grep -c observed p.prom)" = 0 ]
}

@test "alarms: --prom in a folder that disappears is told once and counted, and goes on when it is back" {
	local pid
	mkfifo in
	mkdir folder
	ae-thresh --at 5 --prom folder/p.prom <in >v.csv 2>note &
	pid=$!
	exec 5>in
	printf 'err\n9\n' >&5
	eventually is folder/p.prom rows_total 1
	rm -r folder
	printf '9\n' >&5
	eventually has_bytes note 1
	printf '9\n' >&5
	eventually has_lines v.csv 4
	mkdir folder
	eventually test -e folder/p.prom
	eventually is folder/p.prom rows_total 3
	exec 5>&-
	wait "$pid"
	grep -q '^ae-thresh: --prom: folder/p.prom: .*; it is tried again$' note
	grep -q '^ae-thresh: --prom folder/p.prom: could not be written [0-9]* times\?$' note
	[ "$(wc -l <note)" -eq 2 ]
	[ "$(find . -name '.aefilters*' | wc -l)" -eq 0 ]
}

@test "alarms: --prom whose file becomes a FIFO does not hold verdicts up" {
	local pid
	mkfifo in
	ae-thresh --at 5 --prom p.prom <in >v.csv 2>note &
	pid=$!
	exec 5>in
	printf 'err\n9\n' >&5
	eventually is p.prom rows_total 1
	mkfifo p.new
	mv p.new p.prom
	printf '9\n' >&5
	eventually has_bytes note 1
	printf '9\n' >&5
	eventually has_lines v.csv 4
	rm p.prom
	eventually test -e p.prom
	eventually is p.prom rows_total 3
	exec 5>&-
	wait "$pid"
	grep -qx 'ae-thresh: --prom: p.prom: is no regular file; it is tried again' note
}

# 40,000 rows of which every other one is an anomaly, more than a FIFO holds
many() {
	echo err && yes $'9\n1' | head -n 40000
}

@test "alarms: --episodes and --rejects into a FIFO whose reader goes away are errors, and the output is marked" {
	local command
	many >many.csv
	{ echo a && yes x | head -n 80000 && echo 1; } >bad.csv
	mkfifo fifo
	for command in 'ae-thresh --at 5 --episodes fifo many.csv' 'ae-cat -c --on-bad skip --rejects fifo bad.csv'; do
		head -n 3 <fifo >/dev/null &
		# shellcheck disable=SC2086 # they are words
		run -1 --separate-stderr timeout 20 $command
		[[ "$stderr" == *'fifo: Broken pipe' ]]
		[ "${lines[-1]}" = '!' ]
	done
}

@test "alarms: SIGTERM while --episodes takes nothing: it says how many rows have no verdict" {
	local pid hold status=0
	many >many.csv
	mkfifo fifo
	# shellcheck disable=SC2217 # it keeps the FIFO open and reads nothing
	sleep 20 <fifo >/dev/null 3>&- &
	hold=$!
	ae-thresh --at 5 --episodes fifo many.csv >v.csv 2>note 3>&- &
	pid=$!
	eventually grep -q role note
	sleep 0.5
	kill -TERM "$pid"
	wait "$pid" || status=$?
	[ $status = 143 ]
	kill "$hold"
	grep -q '^ae-thresh: --episodes: fifo: takes nothing any more: [0-9]* rows that were read are not written$' note
	[ "$(tail -n 1 v.csv)" = '!' ]
}

@test "alarms: SIGUSR1 prints the counts, while it waits" {
	local pid
	mkfifo in
	ae-thresh -q --at 5 --episodes e.jsonl <in >v.csv 2>note &
	pid=$!
	exec 5>in
	printf 'err\n1\n9\n' >&5
	eventually has_lines v.csv 3
	kill -USR1 "$pid"
	eventually has_lines note 1
	printf '1\n' >&5
	eventually has_lines v.csv 4
	kill -USR1 "$pid"
	eventually has_lines note 2
	exec 5>&-
	wait "$pid"
	diff note - <<-END
		ae-thresh: 2 rows, 1 anomalies, 0 without a verdict, 0 left out, 1 episodes, 1 of them open, 0 held back; --exec: 0 taken, 0 failed, 0 dropped, 0 waiting; --prom: 0 failed
		ae-thresh: 3 rows, 1 anomalies, 0 without a verdict, 0 left out, 1 episodes, 0 of them open, 0 held back; --exec: 0 taken, 0 failed, 0 dropped, 0 waiting; --prom: 0 failed
	END
}

@test "alarms: clean under valgrind" {
	script take 'cat >>got'
	valgrind_clean ae-thresh --at 5 --exec ./take --prom p.prom --episodes e.jsonl a.csv >v.csv
}

# tells N WORDS: at least so many lines of the note have them.
tells() {
	[ "$(grep -cF -- "$2" note)" -ge "$1" ]
}

@test "alarms: SIGUSR1 and SIGHUP are taken where a parent left them blocked, and held until the program takes them" {
	local pid
	mkfifo in
	printf 'err\n1\n9\n' >err.csv
	ae-thresh -q --fit fixed:5 --save T err.csv
	python3 -c '
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGHUP])
os.kill(os.getpid(), signal.SIGUSR1)
os.kill(os.getpid(), signal.SIGHUP)
os.execvp(sys.argv[1], sys.argv[1:])' ae-thresh -m T --reload --episodes e.jsonl <in >v.csv 2>note &
	pid=$!
	exec 5>in
	printf 'err\n1\n9\n' >&5
	eventually has_lines v.csv 3
	eventually tells 1 ' rows, '
	kill -USR1 "$pid"
	eventually tells 2 ' rows, '
	echo x >new
	mv new T # which is told once, and again each time that somebody asks
	eventually tells 1 ': T: not a model file'
	kill -HUP "$pid"
	eventually tells 2 ': T: not a model file'
	exec 5>&-
	wait "$pid"
	[ "$(grep -c ' rows, ' note)" = 2 ]
}
