#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# examples/live: each recipe with the real broker, server or agent, on loopback, in a folder of its own.
load helpers

LIVE=$ROOT/examples/live

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	rows 400 >good.csv
	"$ROOT/examples/live/train.sh" plant.aem good.csv --id machine
}

setup() {
	helpers_setup
	M=$BATS_FILE_TMPDIR/plant.aem
}

# Whatever the test has started ends, and all that this has started.
teardown() {
	local leader
	[ -e started ] || return 0
	{
		while read -r leader; do
			session "$leader" | xargs -r kill -KILL
			wait "$leader"
			eventually no_session "$leader"
		done <started
	} 2>/dev/null || :
}

# session PID: the processes of the session that it leads or led.
session() {
	cat /proc/[0-9]*/stat 2>/dev/null | awk -v session="$1" '{ id = $1; sub(/.*\) /, "") } $1 != "Z" && $4 == session { print id }'
}

no_session() {
	[ -z "$(session "$1")" ]
}

# rows N [FIRST]: made-up readings of two machines, numbered by their time, from FIRST (1) on. Every tenth is a fault.
rows() {
	awk -v n="$1" -v first="${2:-1}" '
		function noise(i, c) { return ((i * 7919 + c * 104729) * 31 + i % 13 * 17 + i % 7 * 29) % 100 / 100 }
		BEGIN {
			print "machine,time,flow,pressure,temp"
			for (i = first; i < first + n; i++)
				printf "p%d,%d,%.1f,%.2f,%.1f\n", i % 2 + 1, i,
					(i > 1000 && i % 10 == 0) ? 5 : 40 + 2 * noise(i, 1), 5 + noise(i, 2) / 4, 20 + noise(i, 3)
		}'
}

# objects N [FIRST]: the same as lines of JSON.
objects() {
	rows "$@" | ae-cat -O jsonl --id machine --time time
}

needs() {
	local program
	for program; do
		command -v "$program" >/dev/null || skip "no $program here"
	done
}

# start NAME COMMAND...: in the background and in a session of its own; its outputs are NAME.out and NAME.err, and the
# variable NAME its process.
start() {
	local name=$1
	shift
	setsid "$@" <&0 >"$name.out" 2>"$name.err" 3>&- &
	printf -v "$name" %s $!
	echo $! >>started
}

# stop PID [SIGNAL]: the whole session, and waits for it.
stop() {
	kill "-${2:-TERM}" -- "-$1"
	wait "$1" || :
	eventually no_session "$1"
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# verdicts FILE: the times of its verdicts, in order, as one line; CSV or JSON lines.
verdicts() {
	case $(head -c 1 "$1") in
	'{') jq -r '.time // ."row.time"' "$1" ;;
	*) ae-cat -c --cols time "$1" | sed 1d ;;
	esac | paste -sd ' '
}

# judged FILE N [FIRST]: these rows have a verdict each, in order, and one alone is an anomaly where there is a fault.
judged() {
	[ "$(verdicts "$1")" = "$(seq -s ' ' "${3:-1001}" $((${3:-1001} + $2 - 1)))" ]
}

@test "live: train.sh shows what ae-train says, and takes options for it" {
	rows 400 | awk -F, -v OFS=, 'NR % 9 == 2 { $NF = "" } 1' >holes.csv
	TRAIN='--missing mask --hidden-act tanh' "$LIVE/train.sh" m.aem holes.csv --id machine --missing mask 2>said
	grep -q '^ae-train: loss ' said
	ae-info --pipeline m.aem | grep -q -- '--missing mask'
}

@test "live: a log that begins later, is renamed, then copied and truncated" {
	start log "$LIVE/log.sh" log.csv "$M"
	eventually sleeps "$log"
	rows 5 1001 >log.csv
	eventually judged log.out 5
	mv log.csv log.1
	rows 7 1006 >log.csv
	eventually judged log.out 12
	rows 3 1013 | sed 1d >>log.csv
	eventually judged log.out 15
	cp log.csv log.2
	: >log.csv
	rows 2 1016 >>log.csv
	eventually judged log.out 17
	[ "$(grep -c ',1$' log.out)" = 1 ]
	stop "$log"
	judged log.out 17
}

# chain_of_windows FOLDER: a chain whose programs keep windows, means and episodes, and its model, in that folder.
chain_of_windows() {
	local program
	rows 600 >history.csv
	ae-normalize -q --fit standard --id machine --time time history.csv | ae-window -q --size 4 --group machine --drop-incomplete -o w.aes
	ae-train -q --net 12-4-12 --epochs 20 --lr 0.01 -m w.aem w.aes
	ae-recon -m w.aem w.aes | ae-err | ae-smooth --mean 3 --group machine | ae-thresh -q --fit quantile:0.95 -m w.aem
	cat >score <<-'END'
		#!/bin/sh
		set -eu
		trap : TERM
		model=$1
		shift
		ae-normalize --id machine --time time --on-bad skip --missing skip -m "$model" | ae-window -m "$model" --state window.state |
			ae-recon -m "$model" | ae-err | ae-smooth --mean 3 --group machine --state smooth.state | ae-thresh -m "$model" "$@"
	END
	chmod +x score
}

# write_log N FIRST: appends rows to log.csv, with bad ones among them, in pieces that end anywhere; with -w slowly.
write_log() {
	[ -s log.csv ] || rows 1 | head -n 1 >log.csv
	rows "$1" "$2" | sed '1d; s/^\(p2,[0-9]*3[0-9]*9,\)[^,]*,/\1x,/; s/7,[^,]*\(,[^,]*,[^,]*\)$/7,\1/' | python3 -c '
import random, sys, time
text = sys.stdin.buffer.read()
while text:
    n = random.randrange(1, 400)
    with open("log.csv", "ab", 0) as log:
        log.write(text[:n])
    text = text[n:]
    time.sleep(0.001)'
}

# leads PID: it is the leader of its session by now, or has ended.
leads() {
	[ ! -e "/proc/$1" ] || session "$1" | grep -qx "$1"
}

# reached: the last verdict is of a row of log.csv, so that another rotation leaves that in log.csv.1.
reached() {
	local key
	key=$(cat v.csv.1 v.csv 2>/dev/null | grep '^p.*,.*,.*,' | tail -n 1 | cut -d , -f 1,2)
	[ "$key" ] && grep -q "^$key," log.csv
}

# broken_off MODEL [OPTION...]: starts log-resume.sh again and again while the log grows, ends it anywhere, rotates the log while it
# is away, and once the log of verdicts; then lets it end its work. The verdicts are those of a run over all rows.
broken_off() {
	local verdicts=v.csv model=$1 round writer pids first=1001 away
	set -- "$LIVE/log-resume.sh" log.csv "$verdicts" machine,time "$@"
	for round in 1 2 3 4 5; do
		write_log 300 $first &
		writer=$!
		first=$((first + 300))
		start chain "$@"
		sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
		eventually leads "$chain"
		if [ $round -eq 3 ] || [ $round -eq 5 ]; then
			stop "$chain" || { cat chain.err; return 1; }
			# As after a stop that has lost rows behind the window.
			[ $round -eq 3 ] || [ ! -e older.state ] || mv older.state smooth.state
			[ ! -e smooth.state ] || cp smooth.state older.state
		else
			mapfile -t pids < <(session "$chain")
			if [ $round -eq 2 ] && [ ${#pids[@]} -gt 0 ]; then # one of them at first
				kill -KILL "${pids[RANDOM % ${#pids[@]}]}" || :
				sleep "0.0$((RANDOM % 10))"
			fi
			stop "$chain" KILL || eventually no_session "$chain"
		fi
		wait $writer
		away=$((first + 20))
		write_log 20 $first
		if [ $((round % 2)) -eq 0 ] && reached; then
			mv log.csv log.csv.1
			cat log.csv.1 >>all.csv
			write_log 30 $away
			away=$((away + 30))
		fi
		first=$away
		[ $round -ne 4 ] || mv "$verdicts" "$verdicts.1"
	done
	cat log.csv >>all.csv
	(head -n 1 all.csv; grep -v ^machine all.csv) >one.csv
	mkdir whole # without a state
	(cd whole && "${SCORE:-$LIVE/score.sh}" "$model" -c <../one.csv >../want.csv 2>notes)
	grep -q 'bad row' whole/notes
	grep -q 'missing values left out' whole/notes
	start chain "$@"
	all_judged() {
		cat "$verdicts.1" "$verdicts" 2>/dev/null | grep -v '!$\|^machine' >got
		[ "$(wc -l <got)" -ge "$(($(wc -l <want.csv) - 1))" ]
	}
	eventually all_judged || { cat chain.err; return 1; }
	stop "$chain"
	sed 1d want.csv | diff - got
}

@test "live: a log, and a chain that is killed anywhere goes on behind its last verdict" {
	broken_off "$M"
	run "$LIVE/log-resume.sh" log.csv v.csv line "$M"
	[ "$status" = 1 ] && [ "$output" = 'log-resume.sh: no column line in machine,time,flow,pressure,temp' ]
	sed -i '$s/,[0-9]*,/,77,/' v.csv
	run "$LIVE/log-resume.sh" log.csv v.csv machine,time "$M"
	[ "$status" = 1 ] && [[ $output = 'log-resume.sh: the row of the last verdict, machine,time = p'?',77, is neither in log.csv nor in log.csv.1' ]]
}

@test "live: a log, and a chain of windows and means that is killed anywhere goes on as if it had not been" {
	chain_of_windows
	export SCORE=$PWD/score STATES='window.state smooth.state thresh.state' WARM='--state thresh.state --episodes /dev/null'
	broken_off "$PWD/w.aem" --state thresh.state --episodes e.jsonl
}

@test "live: a recipe that is stopped before its programs are there ends, and leaves no half states" {
	local recipe
	for recipe in "log.sh absent.csv $M" "log-resume.sh absent.csv v.csv machine,time $M"; do
		# shellcheck disable=SC2086 # words
		start early "$LIVE/"$recipe
		eventually leads "$early"
		stop "$early"
	done
	rows 10 1001 >log.csv
	"$LIVE/score.sh" "$M" -c <log.csv | head -n 6 >v.csv
	printf 'err\n1\n2\n' | ae-smooth -q --mean 3 --state w.state -o smooth.csv -
	printf 'err\n1\n' | ae-smooth -q --mean 3 --state u.state -o smooth.csv -
	printf '%s\n' '#!/bin/sh' ': >warms' 'exec sleep 1000' >warms.sh
	chmod +x warms.sh
	SCORE=$PWD/warms.sh STATES='w.state u.state' start early "$LIVE/log-resume.sh" log.csv v.csv machine,time "$M"
	eventually test -e warms
	stop "$early"
	[ -e v.csv.running ] && [ ! -e w.state ] && [ ! -e u.state ]
}

@test "live: a feed that begins with other messages, whether READ names the keys or not" {
	local other='{"status":"online"}'
	{
		printf '%s\n' "$other" 'not JSON' '{"machine":"p1","time":1000,"flow":40,"temp":20}'
		objects 3 1001
		printf '%s\n' '{"temp":20,"pressure":5,"flow":40,"time":1004,"machine":"p1"}' "$other"
		objects 2 1005
	} >feed
	READ='-I jsonl --header machine,time,flow,pressure,temp' "$LIVE/score.sh" "$M" <feed >v.csv 2>notes
	judged v.csv 6
	grep -qx 'ae-normalize: 1 bad row left out' notes
	grep -qx 'ae-normalize: 3 rows with missing values left out' notes
	"$LIVE/score.sh" "$M" <feed 2>notes | cmp - v.csv
	grep -qF 'line 1: no key that the model takes, such as "flow": left out' notes
}

@test "live: the shell of a recipe ends after all that it started, since systemd then kills what is left" {
	printf '%s\n' '#!/bin/sh' 'sleep 0.3' 'cat >>got' >slow
	chmod +x slow
	rows 10 1001 >log.csv
	start log "$LIVE/log.sh" log.csv "$M" --exec ./slow
	eventually judged log.out 10
	kill -TERM -- "-$log"
	wait "$log" || [ $? -eq 143 ]
	kill -KILL -- "-$log" 2>/dev/null || :
	[ "$(jq -c '[.event, .open]' got | paste -sd ' ')" = '["start",null] ["end",true]' ]
}

# broker: mosquitto on PORT of loopback, with the persistence that the recipe asks for.
broker() {
	[ -e broker.conf ] || cat >broker.conf <<-CONF
		listener $PORT 127.0.0.1
		allow_anonymous true
		log_type all
		persistence true
		persistence_location $PWD/
		autosave_on_changes true
		autosave_interval 1
		user $(id -un)
	CONF
	start broker "$(PATH=$PATH:/usr/sbin command -v mosquitto)" -c broker.conf
	eventually mosquitto_pub -h 127.0.0.1 -p "$PORT" -t up -n 2>/dev/null
}

# publish N FIRST: rows, a message each.
publish() {
	local row
	objects "$@" >rows.jsonl
	while read -r row; do
		mosquitto_pub -h 127.0.0.1 -p "$PORT" -t plant/a/row -q 1 -m "$row" || return
	done <rows.jsonl
}

@test "live: MQTT, with a broker that starts anew and a chain that was away" {
	PATH=$PATH:/usr/sbin needs mosquitto mosquitto_sub
	PORT=$(free_port)
	export BROKER=127.0.0.1 PORT TOPIC=plant/alarm
	broker
	start alarms mosquitto_sub -h 127.0.0.1 -p "$PORT" -t plant/alarm -q 1 -c -i alarms
	chain=("$LIVE/mqtt.sh" plant/+/row "$M" --append v.jsonl --group machine --exec "$LIVE/mqtt-alarm.sh")
	start mqtt "${chain[@]}"
	eventually grep -q 'aefilters 1 plant/+/row' broker.err
	eventually grep -q 'alarms 1 plant/alarm' broker.err
	publish 4 1001
	eventually judged v.jsonl 4

	stop "$mqtt"
	publish 3 1005
	stop "$broker"
	broker
	publish 1 1008
	start mqtt "${chain[@]}"
	eventually judged v.jsonl 8

	stop "$broker"
	broker
	publish 5 1009 # of which mosquitto_sub gets the first ones when it has come back
	eventually judged v.jsonl 13
	eventually has_lines alarms.out 2
	[ "$(jq -c '[.event, .start]' alarms.out | paste -sd ' ')" = '["start","1010"] ["end","1010"]' ]

	stop "$mqtt"
	stop "$broker"
	start alarm "$LIVE/mqtt-alarm.sh" < <(echo 'while the broker is away')
	eventually grep -q refused alarm.err
	broker
	eventually grep -qx 'while the broker is away' alarms.out
	wait "$alarm"
	judged v.jsonl 13
}

# mock_cluster: librdkafka's Kafka broker, inside a producer that has nothing to say. Sets BROKERS.
mock_cluster() {
	mkfifo hold
	start cluster kcat -P -b none -t hold -X test.mock.num.brokers=1 -d mock <>hold
	eventually grep -q 'bootstrap.servers=127' cluster.err
	BROKERS=$(grep -o -m 1 'bootstrap.servers=127[0-9.:]*' cluster.err)
	export BROKERS=${BROKERS#*=}
}

# topic NAME: its messages so far.
topic() {
	kcat -C -b "$BROKERS" -t "$1" -p 0 -o beginning -e -q -u "${@:2}"
}

# produce N FIRST: rows, messages of one partition.
produce() {
	objects "$@" | kcat -P -b "$BROKERS" -t rows -p 0
}

@test "live: Kafka, and a chain that was killed goes on behind its last verdict" {
	needs kcat jq
	mock_cluster
	objects 400 | kcat -P -b "$BROKERS" -t good -p 0
	topic good -f '{"offset":%o,"row":%s}\n' | "$LIVE/train.sh" k.aem - --id offset,row.machine --time row.time
	export READ="--time row.time"
	chain=("$LIVE/kafka.sh" rows 0 v.jsonl k.aem --exec "$LIVE/kafka-alarm.sh")
	produce 5 1001
	start kafka "${chain[@]}"
	eventually judged v.jsonl 5
	produce 6 1006
	eventually judged v.jsonl 11
	[ "$(jq -r 'select(.pred == 1) | .offset' v.jsonl)" = 9 ]
	alarms() {
		[ "$(kcat -C -b "$BROKERS" -t alarms -o beginning -e -q -u | jq -r '.event + .start' | sort | paste -sd ' ')" = 'end1010 start1010' ]
	}
	eventually alarms

	stop "$kafka" KILL
	judged v.jsonl 11
	printf '{"offset":"11","row.machine":"p1","row.time":"1012","err":0.' >>v.jsonl # a verdict that was cut is none
	mv v.jsonl v.jsonl.1
	produce 2 1012
	start kafka "${chain[@]}"
	eventually judged v.jsonl 2 1012
	stop "$kafka"
	judged v.jsonl 2 1012
}

@test "live: Kafka's consumer groups lose rows that kcat has and nobody has judged, so kafka.sh uses none" {
	local group
	needs kcat jq
	mock_cluster
	produce 3 1001
	group=(kcat -b "$BROKERS" -G chain -X auto.offset.reset=earliest -X session.timeout.ms=6000 -u -q rows)
	start first "${group[@]}"
	eventually has_lines first.out 3
	stop "$first"
	produce 2 1004
	start second "${group[@]}"
	eventually has_lines second.out 2
	stop "$second"
	judged second.out 2 1004
}

# entry FIELD=VALUE...: of the journal, as systemd-journal-remote reads it.
entry() {
	clock=$((${clock:-1772323200000000} + 1000))
	printf '%s\n' "__REALTIME_TIMESTAMP=$clock" "__MONOTONIC_TIMESTAMP=$clock" "_BOOT_ID=$boot" \
		SYSLOG_IDENTIFIER=pump MESSAGE=reading "$@" ''
}

# entries N [FIRST]: rows as entries.
entries() {
	local machine time flow pressure temp
	while IFS=, read -r machine time flow pressure temp; do
		entry "MACHINE=$machine" "NUMBER=$time" "FLOW=$flow" "PRESSURE=$pressure" "TEMP=$temp"
	done < <(rows "$@" | sed 1d)
}

# numbered FILE N: the first N rows from 1001 on have a verdict each.
numbered() {
	[ "$(jq -r .NUMBER "$1" | paste -sd ' ')" = "$(seq -s ' ' 1001 $((1000 + $2)))" ]
}

# has_entries FOLDER N: of its journals, as journalctl reads them.
has_entries() {
	[ "$(journalctl -D "$1" -t pump -o cat 2>/dev/null | wc -l)" -eq "$2" ]
}

@test "live: the journal, and a chain that was away goes on behind its last verdict" {
	local remote=/lib/systemd/systemd-journal-remote fields=FLOW,PRESSURE,TEMP boot clock
	needs journalctl jq
	[ -x $remote ] || skip 'no systemd-journal-remote here'
	boot=$(tr -d - </proc/sys/kernel/random/boot_id)
	mkdir good now
	entries 400 | $remote -o good/good.journal - 2>remote.err
	journalctl -D good -t pump -o json --output-fields=$fields |
		"$LIVE/train.sh" j.aem - --id __CURSOR --time __REALTIME_TIMESTAMP --x $fields
	mkfifo in
	start remote $remote -o now/now.journal - <>in
	exec 7>in
	entries 4 1001 >&7
	eventually has_entries now 4 # journalctl passes over a journal that is not whole yet, and does not come back
	chain=("$LIVE/journal.sh" "$fields,NUMBER" v.jsonl j.aem -D now -t pump)
	start journal "${chain[@]}"
	eventually numbered v.jsonl 4
	entries 2 1005 >&7
	eventually numbered v.jsonl 6
	stop "$journal"
	entries 4 1007 >&7
	start journal "${chain[@]}"
	eventually numbered v.jsonl 10
	exec 7>&-
	[ "$(jq -r 'select(.pred == 1) | .NUMBER' v.jsonl)" = 1010 ]
	stop "$journal"
	stop "$remote" KILL # which SIGTERM does not end
}

@test "live: a list of Redis keeps what comes while the chain is away" {
	needs redis-server redis-cli
	REDIS_PORT=$(free_port)
	export REDIS_HOST=127.0.0.1 REDIS_PORT
	redis() {
		redis-cli -h 127.0.0.1 -p "$REDIS_PORT" "$@"
	}
	start server redis-server --bind 127.0.0.1 --port "$REDIS_PORT" --appendonly yes --save '' --dir .
	eventually redis PING
	push() {
		objects "$@" | while read -r row; do redis RPUSH rows "$row" || return; done
	}
	start reader "$LIVE/redis.sh" rows "$M"
	push 5 1001
	eventually judged reader.out 5
	stop "$reader"
	push 3 1006
	stop "$server"
	start server redis-server --bind 127.0.0.1 --port "$REDIS_PORT" --appendonly yes --save '' --dir .
	eventually redis PING
	start again "$LIVE/redis.sh" rows "$M"
	eventually judged again.out 3 1006
	[ "$(redis LLEN rows:taken)" = 8 ]
	stop "$server" # which ends the chain as after all rows
	wait "$again"
	[ "$(tail -c 1 again.out)" = '' ]
}

# webhook [FAILURES]: a server that keeps what is posted in posted.jsonl. Sets PORT.
webhook() {
	start webhook python3 "$ROOT/tests/tools/webhook.py" port posted.jsonl "$@"
	eventually test -s port
	PORT=$(<port)
}

@test "live: a webhook that fails twice gets each record once, in order" {
	needs curl jq
	webhook 2
	export WEBHOOK=http://127.0.0.1:$PORT/alarm
	rows 31 1001 | "$LIVE/score.sh" "$M" --episodes e.jsonl --exec "$LIVE/webhook.sh" >v.csv
	[ "$(jq -c '[.event, .start]' e.jsonl | paste -sd ' ')" = '["start","1010"] ["end","1010"] ["start","1020"] ["end","1020"] ["start","1030"] ["end","1030"]' ]
	cmp e.jsonl posted.jsonl
	[ "$(grep -c 'HTTP.* 500' webhook.err)" = 2 ]
}

@test "live: node_exporter shows the counts" {
	needs prometheus-node-exporter curl
	PORT=$(free_port)
	mkdir metrics
	rows 25 1001 >log.csv
	cp "$M" plant.aem
	start chain "$LIVE/node-exporter.sh" metrics log.csv plant.aem --group machine
	start exporter prometheus-node-exporter --collector.disable-defaults --collector.textfile \
		--collector.textfile.directory=metrics --web.listen-address="127.0.0.1:$PORT"
	exported() {
		curl -sS "http://127.0.0.1:$PORT/metrics" >exported && grep -qx "ae_rows_total{name=\"plant\"} $1" exported
	}
	eventually exported 25
	rows 6 1026 | sed 1d >>log.csv
	eventually exported 31
	grep -qx 'ae_anomalies_total{name="plant"} 3' exported
	grep -qx 'node_textfile_scrape_error 0' exported
}

@test "live: Alertmanager shows an alarm that fires, then that it is resolved" {
	local url
	needs prometheus-alertmanager amtool curl jq
	webhook
	cat >alertmanager.yml <<-END
		route: {receiver: hook, group_by: [alertname, group], group_wait: 0s, group_interval: 1s}
		receivers: [{name: hook, webhook_configs: [{url: "http://127.0.0.1:$PORT"}]}]
	END
	url=http://127.0.0.1:$(free_port)
	start manager prometheus-alertmanager --config.file=alertmanager.yml --storage.path=data \
		--web.listen-address="${url#http://}" --cluster.listen-address=
	firing() {
		amtool alert query --alertmanager.url="$url" -o json | jq -r '.[].labels | .alertname + " of " + .group' | sort >firing
		[ "$(paste -sd ' ' firing)" = "$1" ]
	}
	eventually firing ''
	export ALERTMANAGER=$url
	mkfifo in
	start chain "$LIVE/score.sh" "$M" --group machine --exec "$LIVE/alertmanager.sh" <>in
	rows 10 1001 >in
	eventually firing 'anomaly of p1'
	rows 5 1011 | sed 1d >in
	eventually firing ''
	eventually has_lines posted.jsonl 2
	[ "$(jq -r .status posted.jsonl | paste -sd ' ')" = 'firing resolved' ]
	[ "$(jq -r '.alerts[].annotations | .start + " " + (.top | split(",")[0])' posted.jsonl | uniq)" = '1010 flow' ]
}

@test "live: GNU parallel scores a backlog with the bytes of one process" {
	needs parallel
	rows 5000 1001 >big.csv
	"$LIVE/score.sh" "$M" -o one.csv <big.csv
	JOBS=2 BLOCK=30k "$LIVE/backlog.sh" big.csv "$M" many.csv
	cmp one.csv many.csv
	[ ! -e many.csv.parts ]
	sed '3000s/.*/p1,4000,x,5,20/' big.csv >bad.csv # a row that is left out, in a block of its own
	"$LIVE/score.sh" "$M" -o one.csv <bad.csv
	JOBS=2 BLOCK=30k "$LIVE/backlog.sh" bad.csv "$M" many.csv
	cmp one.csv many.csv
	# The third part fails without a word.
	mkdir bin
	# shellcheck disable=SC2016 # the script's
	printf '%s\n' '#!/bin/sh' 'mkdir one two 2>/dev/null || mkdir three 2>/dev/null || exit 1' "exec '$AE_BUILD/ae-thresh' \"\$@\"" >bin/ae-thresh
	chmod +x bin/ae-thresh
	rm many.csv
	PATH=$PWD/bin:$PATH JOBS=1 BLOCK=30k run "$LIVE/backlog.sh" big.csv "$M" many.csv
	[ "$status" -ne 0 ] && [ -d three ] && [ ! -e many.csv ] && [ ! -e many.csv.parts ]
}

@test "live: Telegraf's side of execd, with the commands of telegraf.conf" {
	mkdir lib
	cp "$LIVE"/*.sh "$M" lib
	printf '%s\n' '#!/bin/sh' 'cat >>alarms' >lib/webhook.sh
	# The broker is a file.
	printf '%s\n' '#!/bin/sh' "exec tail -n +1 -f '$PWD/feed'" >lib/mosquitto_sub
	chmod +x lib/mosquitto_sub
	objects 12 1001 >feed
	rows 12 1001 | ae-cat -c --id machine --time time | awk -F, -v OFS=, 'NR > 1 { print $2, $1, $3, $4, $5 }' >metrics
	PATH=$PWD/lib:$PATH timeout 60 python3 "$ROOT/tests/tools/execd.py" "$LIVE/telegraf.conf" "$PWD" metrics 3>&- >lines 2>notes
	judged verdicts.jsonl 12
	judged lines 12
	[ "$(jq -r .event alarms | paste -sd ' ')" = 'start end' ]
	[ "$(jq -c 'select(.pred == 1) | .time' verdicts.jsonl)" = '"1010"' ]
}

@test "live: the unit of systemd is one that systemd takes" {
	needs systemd-analyze
	sed "s#/usr/local/lib/aefilters#$LIVE#" "$LIVE/ae-score.service" >ae-score.service
	systemd-analyze verify --man=no ./ae-score.service >said 2>&1
	[ ! -s said ]
}

@test "live: the configurations of agents are TOML" {
	python3 -c 'import sys, tomllib; [tomllib.load(open(f, "rb")) for f in sys.argv[1:]]' "$LIVE"/{telegraf.conf,vector.toml}
}

@test "live: execd.sh ends the pipeline at the end of standard input and by a signal to itself, and when its agent is killed" {
	local how chain
	rows 5 1001 >log.csv
	mkfifo in
	for how in close TERM KILL; do
		exec 7<>in
		start agent "$LIVE/execd.sh" "$LIVE/log.sh" log.csv "$M" <in 7>&-
		eventually judged agent.out 5
		chain=$(awk '{ print $1 }' "/proc/$agent/task/$agent/children")
		echo "$chain" >>started
		[ -n "$(session "$chain")" ]
		[ "$how" = close ] || kill "-$how" "$agent"
		[ "$how" = TERM ] || exec 7>&-
		wait "$agent" || [ $? -ge 137 ]
		eventually no_session "$chain"
		eventually no_session "$agent"
	done
}
