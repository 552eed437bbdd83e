#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What programs show on a terminal while they work.
load helpers

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	ecg_synthetic 3000 >rows.csv
	ae-cat -H --label 1 rows.csv -o rows.aes
}

setup() {
	helpers_setup
	ln -s "$BATS_FILE_TMPDIR"/rows.* .
	# a reader, and a writer, for whom others wait longer than a second
	printf '#!/bin/sh\nsleep 2\nexec cat >%s\n' "${1:-/dev/null}" >late
	printf '#!/bin/sh\nhead -n 9 rows.csv\nsleep 2\nexec tail -n +10 rows.csv\n' >slow
	chmod +x late slow
}

# on_terminal COMMAND: what it writes on a terminal, a line for each time that the line is drawn over
on_terminal() {
	echo "$1" >command.sh
	script -qec 'sh ./command.sh' /dev/null </dev/null | tr '\r' '\n' >said
}

@test "progress: rows, rate and the time that is left, where the size of the input is known" {
	mkfifo fifo
	on_terminal './late <fifo & ae-cat rows.aes -o fifo'
	grep -qE '^ae-cat: [1-9][0-9]* rows, [0-9]+ a second, [0-9]+%, [0-9]+:[0-5][0-9] left'$'\033''\[K$' said
	[ "$(tail -n 2 said)" = $'\033[K' ] || [ "$(tail -n 1 said)" = $'\033[K' ] # it is taken away
}

@test "progress: rows and rate of a pipe" {
	on_terminal './slow | ae-cat -H --label 1 -o out.aes'
	grep -qE '^ae-cat: [1-9][0-9]* rows, [0-9]+ a second'$'\033''\[K$' said
	run ! grep '%' said
	cmp <(ae-cat -c out.aes) <(ae-cat -c rows.aes)
}

@test "progress: the last program of a chain draws" {
	on_terminal './slow | ae-cat -H --label 1 | ae-normalize --fit div:2 | ae-noise --mask 0.1 -o out.aes'
	[ "$(grep -oE '^ae-[a-z]*: [0-9]+ rows' said | cut -d : -f 1 | sort -u)" = ae-noise ]
	# what is behind a pipe may be a pager
	on_terminal 'ae-cat rows.aes | ./late'
	run ! grep -q 'a second' said
}

@test "progress: ae-metrics, ae-train and ae-plot show it while they read" {
	# shellcheck disable=SC2016 # for the other shell
	on_terminal '(cat rows.csv; sleep 2; sed 1,9d rows.csv) | ae-train -H --label 1 --net 140-4-140 --epochs 1 -m m.aem'
	grep -q '^ae-train: [1-9][0-9]* rows' said
	on_terminal '(printf "label,err,pred\n1,1,1\n"; sleep 2; printf "0,0,0\n1,1,1\n") | ae-metrics --normal 1'
	grep -q '^ae-metrics: [1-9][0-9]* rows' said
	grep -q 'accuracy' said
}

@test "progress: a pass behind the first one has its own" {
	mkfifo fifo
	on_terminal './late <fifo & ae-normalize --fit standard rows.aes -o fifo'
	grep -qE '^ae-normalize: next pass, [1-9][0-9]* rows, [0-9]+ a second, [0-9]+%, 0:[0-5][0-9] left' said
	on_terminal './late <fifo & ae-split --test 0.2 --test-out test.aes rows.aes -o fifo'
	grep -qE '^ae-split: next pass, [1-9][0-9]* rows' said
}

@test "progress: nothing off a terminal, with -q, on a dumb one, and where rows go onto it" {
	./slow | ae-cat -H --label 1 -o out.aes 2>said
	[ ! -s said ]
	for command in './slow | ae-cat -H -q --label 1 -o out.aes' './slow | TERM=dumb ae-cat -H --label 1 -o out.aes'; do
		on_terminal "$command"
		[ ! -s said ]
	done
	on_terminal './slow | ae-cat -c -H --label 1'
	run ! grep -q 'a second' said
}

@test "progress: a message takes its place" {
	printf 'a,b\n1,2\n' >head.csv
	on_terminal '(cat head.csv; sleep 1; echo 3,4; sleep 1; echo 4,5; sleep 1; echo x,y; echo 7,8) |
		ae-cat --on-bad skip -o out.aes'
	grep -q '^ae-cat: 3 rows' said
	grep -q $'^\033\\[Kae-cat: <stdin>: line 5: .*left out' said
}

@test "progress: ae-train shows losses as a curve where the locale has its characters" {
	train='ae-train --net 140-4-140 --epochs 14 -m m.aem rows.aes'
	on_terminal "LC_ALL=C.UTF-8 $train"
	grep -qE '^epoch 14/14 \[=*\] step [0-9]*/[0-9]* loss [0-9.e-]* left 0:00 █.*▁' said
	on_terminal "$train"
	grep -qE '^epoch 14/14 .* left 0:00 ?'$'\033' said
}
