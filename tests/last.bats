#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-normalize --missing last, held against pandas, and live feeds with values missing.
load helpers
load scoring

setup_file() {
	F=$BATS_FILE_TMPDIR
	export F
	cd "$F" || return
	# Three machines in one log at times that rise, three sensors of which a third is missing, whole rows too.
	awk 'BEGIN {
		srand(5)
		print "machine,time,a,b,c"
		for (n = 0; n < 200; n++) {
			t += rand() < 0.1 ? 70 : 3
			printf "%s,%d", substr("mno", int(rand() * 3) + 1, 1), t
			for (i = 1; i <= 3; i++)
				printf(",%s", (n > 5 && n % 17 == 0) || rand() < 0.3 ? "" : sprintf("%.4f", i * rand() - 1))
			print ""
		}
	}' >log.csv
	awk 'BEGIN { print "a,b,c"; for (n = 0; n < 90; n++) print n % 7 "," n % 11 - 3 "," n % 5 }' >whole.csv
	ae-normalize --fit standard whole.csv | ae-train -q --net 3-2-3 --epochs 3 -m m.aem
	ae-cat --id machine --missing mask -o log.aes log.csv
}

# pandas_fill [GROUP]: log.csv with each value that is missing replaced by the last one, as pandas has it, and the counts.
pandas_fill() {
	/usr/bin/python3 -c 'import pandas' 2>/dev/null || skip 'no pandas'
	/usr/bin/python3 - "$F/log.csv" "$@" <<-'END'
		import sys
		import pandas
		log = pandas.read_csv(sys.argv[1])
		values = log[["a", "b", "c"]]
		log[["a", "b", "c"]] = values.groupby(log[sys.argv[2]]).ffill() if sys.argv[2:] else values.ffill()
		log.to_csv("filled.csv", index=False)
		values.notna().sum(axis=1).to_csv("n_obs.csv", index=False, header=["n_obs"])
	END
}

# last [OPTION...]: the log through the model
last() {
	ae-normalize -q -m "$F/m.aem" --missing last "$@"
}

@test "--missing last: as pandas fills, of all rows and of each group, and n_obs counts what was there" {
	pandas_fill
	last -c "$F/log.csv" >got.csv
	ae-normalize -q -m "$F/m.aem" --missing mask -c filled.csv | cmp - <(cut -d, -f1-5 got.csv)
	column n_obs got.csv | cmp - n_obs.csv
	grep -q nan got.csv # of the first row
	pandas_fill machine
	last --group machine -c "$F/log.csv" >got.csv
	ae-normalize -q -m "$F/m.aem" --missing mask -c filled.csv | cmp - <(cut -d, -f1-5 got.csv)
	column n_obs got.csv | cmp - n_obs.csv
}

@test "--missing last: the same from CSV, TSV, AEST, JSON lines, MessagePack, npy and raw frames" {
	last --group machine -c "$F/log.csv" >wanted.csv
	last --group machine -c "$F/log.aes" | cmp - wanted.csv
	ae-cat -t "$F/log.aes" | last --group machine -I tsv -c | cmp - wanted.csv
	ae-cat -O jsonl "$F/log.aes" >log.jsonl
	grep -q '"a":null' log.jsonl
	last --group machine -c log.jsonl | cmp - wanted.csv
	sed 's/"[abc]":null,\{0,1\}//g; s/,}/}/' log.jsonl | sed 1d >absent.jsonl # a key that is not there
	{ head -n 1 log.jsonl && cat absent.jsonl; } | last --group machine -c | cmp - wanted.csv
	ae-cat -O msgpack "$F/log.aes" | last --group machine -c | cmp - wanted.csv
	sed 's/,,/,NA,/g; s/,,/,nan,/g' "$F/log.csv" | last --group machine -c | cmp - wanted.csv
	last -c "$F/log.csv" | cut -d, -f3- | tail -n +2 >wanted.csv
	ae-cat --cols x -O npy -o x.npy "$F/log.aes"
	last -c x.npy | tail -n +2 | cmp - wanted.csv
	tail -c $((200 * 3 * 8)) x.npy | last -I raw:f64 --shape 3 -c | tail -n +2 | cmp - wanted.csv
}

@test "--missing last: the same rows in any batches, a cut is an error, and f32 is filled too" {
	same_for_batches "$F/log.aes" last --group machine --max-gap 60s
	same_for_cuts "$F/log.aes" last --group machine
	ae-cat --id machine --f32 --missing mask -o f32.aes "$F/log.csv"
	ae-info f32.aes | grep -qE ' x +f32 '
	last --group machine -c f32.aes >got.csv
	last --group machine -c --f32 "$F/log.csv" | cmp - got.csv
	last --group machine -c <(ae-cat -c --missing mask f32.aes) >other.csv # what text has of f32 reads back as it
	near 1e-6 other.csv got.csv
}

@test "--missing last: with --max-gap no value is older than that" {
	last --group machine --max-gap 60s -c "$F/log.csv" >got.csv
	/usr/bin/python3 - "$F/log.csv" >wanted.csv <<-'END'
		import csv, sys
		rows, had = list(csv.DictReader(open(sys.argv[1]))), {}
		print("machine,time,a,b,c")
		for row in rows:
		    for name in "abc":
		        key, now = (row["machine"], name), int(row["time"])
		        if row[name]:
		            had[key] = now, row[name]
		        elif key in had and now - had[key][0] <= 60:
		            row[name] = had[key][1]
		    print(*row.values(), sep=",")
	END
	ae-normalize -q -m "$F/m.aem" --missing mask -c wanted.csv | cmp - <(cut -d, -f1-5 got.csv)
	run cmp -s got.csv <(last --group machine -c "$F/log.csv")
	[ "$status" -eq 1 ]
	# a sensor that is dead though its machine goes on
	printf 'time,a,b,c\n0,1,1,1\n50,,1,1\n100,,1,1\n' | last --max-gap 1m --missing last -c | cut -d, -f2 | paste -sd ' ' >got
	[[ $(<got) == 'a -'*' -'*' nan' ]]
}

@test "--missing last: the model's group is that of --group, unless it has several" {
	ae-normalize -q --fit standard --group machine --missing skip --id machine "$F/log.csv" |
		ae-train -q --net 3-2-3 --epochs 1 -m groups.aem
	ae-normalize -q -m groups.aem --missing last -c "$F/log.csv" >got.csv
	ae-normalize -q -m groups.aem --missing last --group machine -c "$F/log.csv" | cmp - got.csv
	ae-normalize -q --fit standard --group site <(printf 'site,machine,a,b\nx,m,1,2\nx,m,3,1\n') --id site,machine |
		ae-window -q --size 2 --group machine --drop-incomplete | ae-train -q --net 4-1-4 --epochs 1 -m two.aem
	printf 'site,machine,a,b\nx,m,1,2\nx,m,,1\n' >two.csv
	expect_error 1 'two.csv: --missing last: the model tells rows apart by "site" and by "machine": --group says whose last value is meant' \
		ae-normalize -q -m two.aem --missing last two.csv
	ae-normalize -q -m two.aem --missing last --group machine two.csv >out.aes
}

@test "--missing last: options that do not go together, columns that are not there, windows" {
	local option
	expect_error 2 '--missing last goes with -m FILE: *' ae-normalize --fit standard --missing last "$F/log.csv"
	expect_error 2 '--missing last goes with -m FILE: *' ae-normalize --invert --missing last "$F/log.csv"
	expect_error 2 '--group goes with --fit or with --missing last' ae-normalize -m "$F/m.aem" --group machine "$F/log.csv"
	for option in '--max-gap 1m' '--max-groups 3' '--state s.state'; do
		# shellcheck disable=SC2086 # an option and its value
		expect_error 2 "${option% *} goes with --missing last" ae-normalize -m "$F/m.aem" $option "$F/log.csv"
	done
	expect_error 2 '--n-obs counts what comes to be scaled: *' ae-normalize --invert --n-obs "$F/log.csv"
	cp "$F/log.csv" log.csv
	expect_error 1 'log.csv: --group: no column "machines"; the nearest is "machine"' last --group machines log.csv
	expect_error 1 'log.csv: --max-gap: no column of role "time": *' last --max-gap 1m --pass time log.csv
	expect_error 2 '--max-gap soon: *' last --max-gap soon log.csv
	expect_error 2 'unknown word of --missing "previous": expected error, skip, mask, mean or last' \
		ae-normalize -m "$F/m.aem" --missing previous log.csv
	printf 'a\n1\n2\n3\n4\n' | ae-window --size 2 -o w.aes --drop-incomplete
	ae-normalize -q --fit standard w.aes | ae-train -q --net 2-1-2 --epochs 1 -m w.aem
	expect_error 1 'w.aes: --missing last: x is windows already: fill the rows before ae-window' \
		ae-normalize -q -m w.aem --missing last w.aes
}

@test "--missing last: a row whose time is none is a bad row, which changes nothing" {
	printf 'machine,time,a,b,c\nm,1,1,2,3\nm,soon,9,9,9\nm,2,,,\n' >bad.csv
	expect_error 1 'bad.csv: line 3: time "soon" is neither *--on-bad skip leaves such rows out' last --max-gap 1m bad.csv
	last --max-gap 1m --on-bad skip --rejects r.csv -c bad.csv >got.csv
	[ "$(<r.csv)" = m,soon,9,9,9 ]
	[ "$(column n_obs got.csv | paste -sd ' ')" = 'n_obs 3 0' ]
	[ "$(sed -n 2p got.csv | cut -d, -f3-5)" = "$(sed -n 3p got.csv | cut -d, -f3-5)" ]
	# text that is no number is a bad row too, not a missing value
	printf 'machine,time,a,b,c\nm,1,1,2,x\n' >bad.csv
	expect_error 1 'bad.csv: line 2: *"c"*' last bad.csv
	printf '{"machine":"m","a":1,"b":2,"c":3}\n{"machine":"m","a":null,"b":"x","c":3}\n' >bad.jsonl
	expect_error 1 'bad.jsonl: line 2: *' last bad.jsonl
}

@test "--missing last: two runs with --state give what one gives, and another's state is refused" {
	local at options
	for options in '' '--group machine' '--group machine --max-gap 60s' '--group machine --max-groups 2'; do
		# shellcheck disable=SC2086 # they are words
		last $options -c "$F/log.csv" >whole.csv
		for at in 1 2 60 200; do
			rm -f s.state
			head -n "$at" "$F/log.csv" >first.csv
			{ head -n 1 "$F/log.csv" && tail -n +$((at + 1)) "$F/log.csv"; } >second.csv
			# shellcheck disable=SC2086
			{ last $options --state s.state -c first.csv && last $options --state s.state --headerless -c second.csv; } |
				cmp - whole.csv
		done
	done
	rm s.state
	last --group machine --state s.state -o out.aes "$F/log.csv"
	ae-info s.state | grep -qx 'settings    last values, group machine'
	cp "$F/log.csv" log.csv
	expect_error 1 'log.csv: --state s.state: a state of other settings: it has last values, group machine, this run last values; *' \
		last --state s.state log.csv
	for at in 1 20 60 100 200; do
		flip s.state $at 2 >bad.state
		expect_error 1 'log.csv: --state bad.state: *' last --group machine --state bad.state log.csv
	done
	expect_error 1 '--state: no/s.state: No such file or directory' last --state no/s.state -c log.csv
	expect_error 2 '--output s.state: is the file of --state' last --state s.state -o s.state log.csv
}

@test "--missing last: a group that is forgotten begins anew, which is said; the notes say how many were filled" {
	printf 'machine,a,b,c\nm,1,2,3\nn,1,2,3\nm,,2,3\nn,,,\n' >g.csv
	ae-normalize -m "$F/m.aem" --missing last --group machine -c g.csv 2>err.txt >got.csv
	grep -qx 'ae-normalize: 4 missing values became the last ones observed' err.txt
	ae-normalize -m "$F/m.aem" --missing last --group machine --max-groups 1 -c g.csv 2>err.txt >got.csv
	grep -q 'ae-normalize: g.csv: line 3: more than 1 group (--max-groups): "m", *' err.txt
	grep -qx 'ae-normalize: 4 stayed missing: there was none before' err.txt
	ae-normalize -m "$F/m.aem" --missing last -c <(head -n 4 g.csv) 2>err.txt >got.csv
	grep -qx 'ae-normalize: 1 missing value became the last one observed' err.txt
	ae-normalize -q -m "$F/m.aem" --missing last -c g.csv 2>&1 >/dev/null | cmp - /dev/null
	# each stream begins anew
	ae-cat --missing mask -o one.aes <(printf 'a,b,c\n1,2,3\n')
	ae-cat --missing mask -o two.aes <(printf 'a,b,c\n,2,3\n')
	ae-normalize -q -m "$F/m.aem" --missing last one.aes two.aes | ae-cat -c | tail -n 1 | grep -q '^nan,'
}

@test "n_obs: with --missing mean and mask where --n-obs asks for it, summed over windows, on to the verdicts" {
	pandas_fill
	for how in mean mask; do
		ae-normalize -q -m "$F/m.aem" --missing $how --n-obs -c "$F/log.csv" | column n_obs | cmp - n_obs.csv
	done
	run -1 grep -q n_obs <(ae-normalize -q -m "$F/m.aem" --missing mean -c "$F/log.csv")
	ae-normalize -q --fit standard --missing mean --n-obs --id machine --time time -c "$F/log.csv" | column n_obs | cmp - n_obs.csv
	# one that came keeps its numbers
	last "$F/log.csv" | ae-recon -m "$F/m.aem" | ae-err --n-obs | ae-thresh --at 1 | column n_obs | cmp - n_obs.csv
	# windows of groups
	last --group machine "$F/log.csv" --id machine >n.aes
	ae-window --size 4 --stride 2 --group machine -c n.aes | column n_obs >got
	/usr/bin/python3 - "$F/log.csv" <<-'END' | cmp - got
		import csv, sys
		had = {}
		print("n_obs")
		for row in csv.DictReader(open(sys.argv[1])):
		    rows = had.setdefault(row["machine"], [])
		    rows.append(sum(row[name] != "" for name in "abc"))
		    print(sum(rows[-4:]) if len(rows) >= 4 and len(rows) % 2 == 0 else 0)
	END
	ae-cat -o n2.aes n.aes
	same_for_batches n2.aes ae-window --size 4 --group machine
	ae-window --size 4 --group machine --drop-incomplete -c n.aes | column n_obs | tail -n +2 >some
	ae-window --size 4 --group machine -c n.aes | grep -v nan,nan,nan, | column n_obs | tail -n +2 >all
	[ "$(wc -l <some)" -eq "$(grep -c . all)" ]
	# a state goes on with them, and is another than one without
	ae-window --size 4 --group machine -c n.aes >whole.csv
	ae-window -q --size 4 --group machine --state w.state -c <(ae-cat --head 77 n.aes) >got.csv
	ae-window -q --size 4 --group machine --state w.state --headerless -c <(ae-cat --skip 77 n.aes) >>got.csv
	cmp got.csv whole.csv
	expect_error 1 '*: a state of other settings: it has size 4, stride 1, n_obs, group machine, this run size 4, stride 1, group machine; *' \
		ae-window -q --size 4 --group machine --state w.state <(ae-cat --cols machine,x n.aes)
}

# live_line: the pipeline of the README, with its input from `feed`.
live_line() {
	awk '/^## / { inside = $0 == "## Live" } /^```/ { fenced = inside && /sh$/ && !n++; next } inside && fenced' \
		"$ROOT/README.md" | sed 's/^tail -n +1 -f today.csv/cat feed/' >live.sh
	grep -q 'cat feed' live.sh
}

# readme_model: machine.aem as the README trains it, in the present folder.
readme_model() {
	awk 'BEGIN {
		print "machine,stamp,s1,s2,s3,s4,s5,s6,s7,s8"
		for (n = 0; n < 60; n++) {
			printf "%d,%d", n % 3, 1700000000 + n
			for (i = 1; i <= 8; i++)
				printf ",%.4f", i * sin(n / 7) + 0.1 * sin(n * i * 12.9898)
			print ""
		}
	}' >good.csv
	ae-normalize -q --id machine --time stamp --fit standard good.csv | ae-train -q --net 8-4-2-4-8 --epochs 5 -m machine.aem
	ae-normalize -q -m machine.aem good.csv | ae-recon -m machine.aem | ae-err | ae-thresh --fit quantile:0.99 -m machine.aem >fit.txt
}

# feeds NAME: good.csv's first rows in that format, a value of the third missing.
feeds() {
	head -n 6 good.csv | sed '4s/,[^,]*$/,/' >six.csv
	case $1 in
	csv) cat six.csv ;;
	*) ae-cat --missing mask --id machine --time stamp -O "$1" six.csv ;;
	esac
}

@test "live: the line of the README goes on after a null, an empty cell and a nil, and says at once what it left out" {
	local format pid
	readme_model
	live_line
	for format in csv jsonl msgpack; do
		rm -f feed bad.csv
		mkfifo feed
		bash -eo pipefail live.sh >out.txt 2>err.txt &
		pid=$!
		exec 9>feed
		feeds $format >&9
		eventually has_lines out.txt 5 # a header and four verdicts
		eventually grep -q 'ae-normalize: <stdin>: .*column "s8": missing value: left out' err.txt
		kill -0 $pid
		eventually test -s bad.csv
		exec 9>&-
		wait $pid
		grep -qx 'ae-normalize: 1 row with missing values left out' err.txt
		[ "$(wc -l <out.txt)" -eq 5 ]
	done
}

@test "live: --missing last gives every row its verdict, says so while idle, and n_obs tells such a row" {
	local format pid
	readme_model
	live_line
	sed -i 's/--missing skip/--missing last --group machine/' live.sh
	sed '4s/,[^,]*$/,/' good.csv >holes.csv
	for format in csv jsonl msgpack; do
		rm -f feed
		mkfifo feed
		bash -eo pipefail live.sh >out.txt 2>err.txt &
		pid=$!
		exec 9>feed
		{ [ $format = csv ] && sed '6s/,[^,]*$/,/' good.csv || sed '6s/,[^,]*$/,/' good.csv | ae-cat --missing mask --id machine --time stamp -O $format; } >&9
		eventually has_lines out.txt 61
		eventually grep -qE 'ae-normalize: 1 missing value became the last one observed, the latest: <stdin>: (line|row) [0-9]+: column "s8"' err.txt
		exec 9>&-
		wait $pid
		grep -qx 'ae-normalize: 1 missing value became the last one observed' err.txt
		[ "$(column n_obs out.txt | sort | uniq -c | tr -s ' ' | paste -sd ';')" = ' 1 7; 59 8; 1 n_obs' ]
		[ "$(grep -c nan out.txt)" -eq 0 ]
	done
}

@test "--missing last: clean under valgrind, and in bounded memory" {
	valgrind_clean ae-normalize -q -m "$F/m.aem" --missing last --group machine --max-gap 60s --max-groups 2 --state s.state \
		-o out.aes "$F/log.csv"
	awk 'BEGIN { print "machine,a,b,c"; for (n = 0; n < 300000; n++) print "m" n ",1,,3" }' >many.csv
	resident_below 32768 ae-normalize -q -m "$F/m.aem" --missing last --group machine --max-groups 1000 -o out.aes many.csv
	ae-window -q --size 3 -o w.aes out.aes
	valgrind_clean ae-window --size 4 --group machine -o w.aes <(last --group machine "$F/log.csv" --id machine)
}

@test "a sensor that is gone is noted by name, with the place, whatever is filled, and when it is back" {
	local how
	printf 'a,b\n1,2\n3,5\n' | ae-normalize -q --fit standard --save s.aem -o fit.aes
	awk 'BEGIN { print "a,b"; for (i = 2; i < 3000; i++) print i % 5 "," (i > 9 && i < 1500 || i > 1600 && i < 2600 ? "" : 1) }' >in.csv
	for how in mask mean last; do
		for n in 0 1 700; do
			ae-cat --batch-rows $n --missing mask in.csv | ae-normalize -m s.aem --missing $how -o out.aes 2>notes
			sed -n 's/^ae-normalize: <stdin>: column "b": //p' notes | diff - <(
				printf '%s\n' 'no value for 1000 rows, since row 9' 'a value again; there was none for 1490 rows, since row 9'
			) || { cat notes; return 1; }
		done
	done
	sed '2,$s/.*/,/' in.csv | ae-normalize -m s.aem --missing mask -o out.aes 2>notes
	grep -qx 'ae-normalize: <stdin>: column "a" and 1 more: no value for 1000 rows, since line 2' notes
	[ "$(wc -l <notes)" = 1 ]
}
