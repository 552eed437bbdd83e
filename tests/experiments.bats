#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# examples/experiment.mk: what the Makefiles of all examples promise, whatever they train.
load helpers

# The examples in a folder of the test's own, and programs that make can be told are new.
setup() {
	helpers_setup
	local program
	cp -r "$ROOT/examples" .
	rm -rf examples/*/out
	mkdir bin
	for program in "$AE_BUILD"/ae-*; do
		[ ! -x "$program" ] || printf '#!/bin/sh\nexec "%s" "$@"\n' "$program" >"bin/${program##*/}"
	done
	chmod +x bin/*
}

# small NAME [ARGUMENT...]: makes the example with settings that take no time.
small() {
	local name=$1 settings
	shift
	case $name in
	ecg) settings=(HEARTBEATS='-n 400 -s 2' EPOCHS=3 BATCH=64 LINEAR='--net 140-8-140 --epochs 2' PYTHON=false
		SEEDS='0 1' SPLITS=21 BETTER_SEEDS=0 BETTER_FIT='--epochs 1 --batch 64' FOLD_ACTS=tanh FOLD_EPOCHS=1 FOLD_TRIMS=0 FOLD_SEEDS=0
		PERCENT=5) ;;
	ecg-batchnorm) settings=(HEARTBEATS='-n 400 -s 2' EPOCHS=3 BATCH=64 SEEDS=0) ;;
	template) [ -e rows.csv ] || ecg_synthetic 300 >rows.csv
		settings=(DATA="$PWD/rows.csv" READ='-H --label -1' NORMAL=1 EPOCHS=2) ;;
	nab-keras) settings=(DAYS=4 JUMP_DAY=3 EVENT='2014-04-03 09:00:00,2014-04-03 17:55:00' WINDOW=48 EPOCHS=2) ;;
	esac
	make --no-print-directory -C "examples/$name" AE="$PWD/bin" "${settings[@]}" "$@"
}

# The commands of make -n that make something.
planned() {
	small "$@" -n | sed -n "/^make: Nothing to be done for '.*'\.\$/!p"
}

MADE=(ecg ecg-batchnorm nab-keras template)

@test "experiments: a word on the command line that is no setting is an error that names those that exist" {
	local makefile name
	for makefile in examples/*/Makefile; do
		name=$(basename "$(dirname "$makefile")")
		run make -C "examples/$name" AE="$PWD/bin" EPOCH=5
		[ "$status" -eq 2 ]
		[[ $output == *'EPOCH: there is no such setting here. These are: '*' EPOCHS '* ]]
		run make -C "examples/$name" AE="$PWD/bin" EPOCH=5 clean
		[ "$status" -eq 2 ]
	done
}

@test "experiments: what may be changed, by the first lines of a Makefile, is a setting" {
	local makefile name
	for makefile in examples/*/Makefile; do
		sed '/^HERE :=/,$d' "$makefile" | sed -n 's/^\([A-Z_]*\) *=.*/\1/p' | grep -v '^SETTINGS$' >names
		[ "$(wc -l <names)" -ge 5 ]
		while read -r name; do
			run make -n -C "$(dirname "$makefile")" AE="$PWD/bin" "$name=x"
			[[ $output != *'no such setting'* ]]
		done <names
	done
}

@test "experiments: where all is made, make -n lists nothing" {
	local name goals
	for name in "${MADE[@]}"; do
		goals=()
		[ "$name" != ecg ] || goals=(show seeds better folds contaminated compress denoise)
		small "$name" "${goals[@]}" >/dev/null 2>&1
		[ -z "$(planned "$name" "${goals[@]}")" ]
		small "$name" -q "${goals[@]}"
	done
}

@test "experiments: a new program makes again all that it made, and what comes of that" {
	local name goals program
	for name in "${MADE[@]}"; do
		goals=()
		[ "$name" != ecg ] || goals=(show seeds better folds contaminated compress denoise)
		planned "$name" "${goals[@]}" >all
		small "$name" "${goals[@]}" >/dev/null 2>&1
		for program in $(cd bin && echo *); do
			planned "$name" "${goals[@]}" -W "$PWD/bin/$program" >again
			grep -E "(^|[^/a-z])$program " all | grep -vxFf again >lacks || true
			[ ! -s lacks ] || {
				echo "$name, a new $program:"
				cat lacks
				false
			}
		done
	done
}

@test "experiments: a new script makes again what it made" {
	small ecg >/dev/null 2>&1
	planned ecg -W heartbeats.c | grep -q 'generate -n 400'
	planned ecg -W ./pca.py | grep -q 'floor.txt'
	small nab-keras >/dev/null 2>&1
	planned nab-keras -W ./daily.awk | grep -q 'ae-train'
	small nab-keras SEED=1 >/dev/null 2>&1
	[ -z "$(planned nab-keras SEED=1 | ran)" ]
}

# programs SETTING...: the programs that make runs for ecg where these settings are new, as a word for each.
programs() {
	planned ecg "$@" | ran
}

sorted() {
	tr ' ' '\n' <<<"$*" | sort | xargs
}

ran() {
	grep -oE '(^|[|{] )[[:space:]]*ae-[a-z]+' | tr -d '|{ \t' | sed 's/^ae-//' | xargs
}

@test "experiments: another setting makes again exactly what depends on it" {
	small ecg >/dev/null 2>&1
	local fit='normalize train normalize recon err normalize recon err'
	local judge='thresh thresh metrics metrics thresh metrics metrics'
	# those for scikit-learn stand in the recipe, also where it is not installed
	local floor='cat normalize train normalize recon err metrics cat cat cat'
	local floors='cat normalize train cat normalize train normalize recon err metrics cat metrics'
	[ "$(sorted "$(programs EPOCHS=4)")" = "$(sorted "$fit $judge")" ]
	[ "$(sorted "$(programs BATCH=32)")" = "$(sorted "$fit $judge")" ]
	[ "$(sorted "$(programs SEED=1)")" = "$(sorted "$fit $judge")" ]
	[ "$(sorted "$(programs NET='--net 140-4-140')")" = "$(sorted "$fit $judge")" ]
	[ "$(sorted "$(programs THRESHOLD=sigma:2)")" = "$(sorted "$judge")" ]
	[ "$(sorted "$(programs LINEAR='--net 140-8-140 --epochs 3')")" = "$(sorted "$floor")" ]
	[ -z "$(programs NOISE=--mask\ 0.1)" ]
	[ -z "$(programs SEEDS='0 1 2')" ]
	# The same bytes come back with the value, and the value that was tried leaves nothing.
	cp -r examples/ecg/out first
	small ecg EPOCHS=4 >/dev/null 2>&1
	run -1 cmp first/heartbeats/seed-0/ecg.aem examples/ecg/out/heartbeats/seed-0/ecg.aem
	small ecg >/dev/null 2>&1
	diff -r first examples/ecg/out
	small ecg HEARTBEATS='-n 300' 2>/dev/null | ran >all
	[ "$(sorted "$(cat all)")" = "$(sorted "split $fit $judge $floor $floors")" ]
}

@test "experiments: a value may hold quotes, dollars and commas" {
	planned ecg THRESHOLD="it's \$\$5, a" >/dev/null
	make -s -C examples/ecg AE="$PWD/bin" THRESHOLD="it's \$\$5, a  b" out/heartbeats/THRESHOLD.set
	[ "$(head -c 17 examples/ecg/out/heartbeats/THRESHOLD.set)" = "it's \$5, a  b fro" ]
	make -q -C examples/ecg AE="$PWD/bin" THRESHOLD="it's \$\$5, a  b" out/heartbeats/THRESHOLD.set
	run -1 make -q -C examples/ecg AE="$PWD/bin" THRESHOLD="it's \$\$5, a b" out/heartbeats/THRESHOLD.set
}

@test "experiments: rules side by side give the same bytes" {
	local name
	for name in "${MADE[@]}"; do
		small "$name" table >/dev/null 2>&1
		mv "examples/$name/out" first
		small "$name" table -j 4 >/dev/null 2>&1
		diff -r first "examples/$name/out"
		rm -r first
	done
}

@test "experiments: no recipe writes to the place of its target" {
	run -1 grep -nE '>>? *(\$@|[^ ]*/(loss|train|test)\.csv|[^ ]*/(threshold|latent|train|test)\.txt)( |;|$)' \
		examples/*.mk examples/*/Makefile examples/*/*.mk
	run -1 grep -nE -- '--log [^ ]*loss\.csv( -m| *$)' examples/*.mk examples/*/Makefile examples/*/*.mk
	# A program that is asked to stop gives its file the name with what it has.
	run -1 grep -nE 'ae-(cat|decode|encode|err|noise|normalize|recon|smooth|thresh|transform|window)( [^|;]*)? -o [$](@|[*]|[(]@D[)]/(train|test)[.]aes)' \
		examples/*.mk examples/*/Makefile examples/*/*.mk
}

@test "experiments: a training that is interrupted leaves nothing behind that counts" {
	small ecg >/dev/null 2>&1
	cp -r examples/ecg/out first
	rm examples/ecg/out/heartbeats/seed-0/{ecg.aem,loss.csv}
	echo checkpoint >examples/ecg/out/heartbeats/seed-0/ecg.aem.ckpt
	# of a shell and a program that are no more
	sh -c 'echo half >examples/ecg/out/heartbeats/seed-0/part.$$.loss.csv; echo >examples/ecg/out/heartbeats/.aefilters-$$-1'
	small ecg >/dev/null 2>&1
	diff -r first examples/ecg/out
}

@test "experiments: ended by Ctrl-C, SIGTERM and SIGKILL, the next make ends in the same bytes" {
	python3 "$ROOT/tests/tools/interrupted.py" "$PWD/interrupted" --moments 8 EPOCHS=5 HEARTBEATS='-n 400 -s 2' \
		LINEAR='--net 140-8-140 --epochs 20' >out.txt || {
		cat out.txt
		false
	}
	grep -qE '^8 moments: 2 SIGINT .*, 2 SIGKILL .*, 2 SIGKILL to ae-train, 2 SIGTERM .*; [0-9]+ files; 0 times other bytes' out.txt
}

@test "examples/template: a copy beside the data, with labels and without" {
	mkdir own
	cp examples/template/Makefile examples/experiment.mk own
	ecg_synthetic 400 | sed "1i$(seq -s , 140 | sed 's/[0-9]*/s&/g'),truth" >own/beats.csv
	sed -i 's/^DATA .*/DATA = beats.csv/; s/^READ .*/READ = --label truth/; s/^NORMAL .*/NORMAL = 1/; s/^EPOCHS .*/EPOCHS = 5/' own/Makefile
	[ "$(wc -l <own/Makefile)" -le 60 ]
	(cd own && make) >out.txt 2>err.txt
	grep -qE '^Threshold: [0-9.]+ quantile:0.99 mse [0-9]+ rows, label 1: [0-9]+$' out.txt
	grep -qE '^rows +200$' out.txt
	ae-info own/out/beats/model.aem | grep -q '^threshold'
	[ "$(wc -l <own/out/beats/verdicts.csv)" -eq 201 ]
	if [ -x "$AE_BUILD/ae-report" ] && command -v gnuplot >/dev/null; then
		grep -q '<svg' own/out/beats/report.html
	fi
	(cd own && make -n) | grep -q 'Nothing to be done'
	# As a series, and without labels: all rows train, those called anomalous are counted.
	(cd own && make WINDOW=5 READ='--pass truth' NORMAL= table) >out.txt 2>err.txt
	grep -qE '^[0-9]+ of 200 rows are called anomalous(:|$)' out.txt
	ae-info own/out/beats/model.aem | grep -q 'size 5'
	run -2 make -C own DATA=none.csv
	[[ $output == *'DATA=none.csv: no such file, seen from '*'/own. Say DATA=/path/to/FILE, without spaces in it'* ]]
	run -2 make -C own DATA=out
	[[ $output == *'a folder is no CSV'* ]]
	make -C own DATA= clean
	[ ! -e own/out ]
}

@test "examples/template: rows that have drifted away are pointed out, with labels and without" {
	awk 'BEGIN { print "a,b,truth"; for (i = 0; i < 400; i++) print i % 7 + (i < 200 ? 0 : 50) "," i % 5 "," (i > 390) }' >rows.csv
	settings=(DATA="$PWD/rows.csv" HIDDEN=4-2-4 EPOCHS=5 AE="$PWD/bin")
	drifted='have they drifted away from those that train[?] See --drift of ae-err, and SPLIT'
	make -C examples/template "${settings[@]}" READ='--label truth' NORMAL=0 table >out.txt
	grep -q "^Most normal rows are called anomalous: $drifted$" out.txt
	make -C examples/template "${settings[@]}" READ='--pass truth' table >out.txt
	grep -q "^200 of 200 rows are called anomalous: $drifted$" out.txt
	make -C examples/template "${settings[@]}" READ='--label truth' NORMAL=0 SPLIT='--test 0.5 --seed 1' table >out.txt
	run ! grep -q '^Most normal' out.txt
}

@test "examples/template: another CSV is scored, with labels that the first one lacks" {
	ecg_synthetic 400 | sed "1i$(seq -s , 140 | sed 's/[0-9]*/s&/g'),truth" >all.csv
	sed '/,0$/d' all.csv | cut -d, -f 1-140 >good.csv
	settings=(HIDDEN=16-4-16 EPOCHS=2 table)
	make -C examples/template AE="$PWD/bin" DATA="$PWD/good.csv" TEST="$PWD/all.csv" TEST_READ='--label truth' NORMAL=1 "${settings[@]}" >out.txt
	grep -qE '^rows +400$' out.txt
	[ "$(ae-cat -c examples/template/out/good/train.aes | wc -l)" -eq "$(wc -l <good.csv)" ]
	# Labels without NORMAL: what would measure is said.
	make -C examples/template AE="$PWD/bin" DATA="$PWD/all.csv" READ='--label truth' "${settings[@]}" >out.txt
	grep -q '^[0-9]* of 200 rows are called anomalous.*; NORMAL=LABEL measures them by their labels$' out.txt
	# Labels of what trains alone.
	make -C examples/template AE="$PWD/bin" DATA="$PWD/all.csv" READ='--label truth' NORMAL=1 TEST="$PWD/good.csv" TEST_READ= "${settings[@]}" >out.txt
	grep -q '^[0-9]* of [0-9]* rows are called anomalous' out.txt
	run -2 make -C examples/template AE="$PWD/bin" DATA="$PWD/all.csv" TEST=none.csv
	[[ $output == *'TEST=none.csv: no such file, seen from '* ]]
}

@test "examples/template: a series of one value, as it is and in windows, and a name that recipes cannot take" {
	awk 'BEGIN { print "time,v"; for (i = 0; i < 300; i++) printf "%d,%g\n", 60 * i, sin(i / 5) + i % 7 / 50 }' >one.csv
	local make=(make -s -C examples/template DATA="$PWD/one.csv" READ='--time time' EPOCHS=2 HIDDEN=2)
	"${make[@]}" >/dev/null 2>&1
	[ "$(wc -l <examples/template/out/one/verdicts.csv)" -eq 151 ]
	"${make[@]}" WINDOW=10 >/dev/null 2>&1
	cp one.csv 'one:two.csv'
	run ! make -s -C examples/template DATA="$PWD/one:two.csv"
	[[ $output == *'one:two: recipes take no name with one of '* ]]
}

@test "examples/template: features with brackets in their names, and a label of several words" {
	ecg_synthetic 300 | sed "1i$(seq -s , 0 139 | sed 's/[0-9]*/s[&]/g'),truth" | sed "s/,1\$/,it's no fault/" >rows.csv
	small template READ='--label truth' NORMAL="it's no fault" EPOCHS=1 >out.txt 2>err.txt
	grep -qE '^Threshold: .* rows, label it.s no fault: [0-9]+$' out.txt
	grep -qE '^rows +150$' out.txt
}

@test "README: its pictures are small, and drawn by rules of the examples" {
	local picture
	while read -r picture; do
		head -n 20 "$ROOT/$picture" | grep -q '<title>'
		tail -n 3 "$ROOT/$picture" | grep -q '</svg>'
		[ "$(wc -c <"$ROOT/$picture")" -lt 60000 ]
		echo "${picture##*/}"
	done < <(sed -n 's/^!\[[^]]*\](\(.*\))$/\1/p' "$ROOT/README.md") >names
	[ "$(xargs <names)" = 'errors.svg score.svg' ]
	command -v gnuplot >/dev/null || skip 'gnuplot is not installed: no pictures'
	rm examples/pictures/*
	small ecg ../pictures/errors.svg >/dev/null 2>&1
	grep -q '>Test beats<' examples/pictures/errors.svg
	small nab-keras ../pictures/score.svg >/dev/null 2>&1
	grep -q 'Truth: anomaly' examples/pictures/score.svg
	run make -C "$ROOT" -o all readme-pictures
	[ "$status" -eq 2 ]
	[[ $output == *'say ECG=/path/to/ecg.csv'* ]]
}
