#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Whole pipelines: what the programs promise each other.
load helpers
load fixture

# experiment CSV: the README's pipeline as it stands there, in the present folder.
experiment() {
	ln -sf "$1" ecg.csv 2>/dev/null || true
	sed -n '/^# train: the last/,/^```/p' "$ROOT/README.md" | sed '/^```/d' >pipeline.sh
	[ "$(grep -c '^ae-\|^    ae-' pipeline.sh)" -eq 6 ] || return
	bash -eo pipefail pipeline.sh
}

# verdicts MODEL STREAM [OPTION...]: score and verdict of every row of an unscaled stream, as text with all digits.
verdicts() {
	ae-normalize -m "$1" "${@:3}" "$2" | ae-recon -m "$1" "${@:3}" | ae-err "${@:3}" | ae-thresh -m "$1" "${@:3}" -c
}

# ---- the experiment ----

@test "the pipeline of the README trains and scores made-up beats" {
	ecg_synthetic 1500 5 >beats.csv
	experiment "$PWD/beats.csv" >out.txt 2>err.txt
	grep -qE '^0\.0[0-9]+ sigma:1 mae [0-9]+ rows, label 1: [0-9]+$' out.txt
	grep -qE '^rows +300$' out.txt
	grep -qE '^no verdict +0$' out.txt
	[ "$(awk '$1 == "ROC-AUC" { print ($2 > 0.9) }' out.txt)" = 1 ]
	# which column has which role, that so few beats are too few for so few epochs, and the last loss
	[ "$(grep -oE '^ae-train: (x:|the loss on the training rows|loss)' err.txt | paste -sd,)" = \
		'ae-train: x:,ae-train: the loss on the training rows,ae-train: loss' ]
	# and perhaps units of the latent that relu has lost
	[ "$(grep -cv '^ae-train: [1-8] of 8 latent units ' err.txt)" -eq 3 ]
	grep -q '^ae-train: x: 140 values, "x.1" to "x.140"; target: x; .* rows; label, not used: 1: ' err.txt
}

@test "the pipeline of the README on the real beats prints what the README shows" {
	ecg_real
	experiment "$ECG" >out.txt 2>err.txt
	[ "$(sed -n '4,$p' err.txt)" = '' ]
	grep -q '^0\.03[0-9]* sigma:1 mae 2359 rows, label 1.0: 2359$' out.txt
	grep -qE '^rows +1000$' out.txt
	grep -qE '^prevalence +0\.4400$' out.txt
	# The counts may differ by processor and library; the layout may not.
	sed -n '/^ae-train: x:/,/^```/p' "$ROOT/README.md" | sed '/^```/d' | sed 's/[0-9.]*[0-9]/N/g' | tr -s ' ' >wanted
	cat err.txt out.txt | sed 's/[0-9.]*[0-9]/N/g' | tr -s ' ' | cmp - wanted
}

# sensor_log FIRST ROWS SHIFT: a log as the README has it, eight sensors that follow one load; SHIFT is added to the last.
sensor_log() {
	awk -v first="$1" -v rows="$2" -v shift="$3" 'BEGIN {
		print "machine,stamp,s1,s2,s3,s4,s5,s6,s7,s8"
		for (n = first; n < first + rows; n++) {
			printf "pump %d,2026-01-01 %05d", n % 3, n
			for (i = 1; i <= 8; i++)
				printf ",%.4f", i * sin(n / 7) + 0.1 * sin(n * i * 12.9898) + (i == 8) * shift
			print ""
		}
	}'
}

@test "the commands of the README for own data and live scoring work as they stand there" {
	local block
	sensor_log 0 500 0 >good.csv
	{ sensor_log 500 20 0 && sensor_log 520 20 60 | tail -n +2; } >today.csv
	mkdir examples
	cp -r "$ROOT/examples/experiment.mk" "$ROOT/examples/template" examples
	rm -rf examples/template/out
	for block in 'Your own data' Live; do
		awk -v heading="## $block" '
			/^## / { inside = $0 == heading }
			/^```/ { fenced = inside && /sh$/; next }
			inside && fenced' "$ROOT/README.md" | sed 's/^tail -n +1 -f/cat/' >block.sh
		[ -s block.sh ]
		bash -eo pipefail block.sh >out.txt 2>err.txt
	done
	[ "$(wc -l <examples/template/out/good/verdicts.csv)" -eq 41 ] # of today.csv
	[ "$(head -n 1 out.txt)" = machine,stamp,err,top1,top1_share,top2,top2_share,top3,top3_share,pred ]
	[ "$(wc -l <out.txt)" -eq 41 ]
	cut -d, -f1,2 out.txt | cmp - <(cut -d, -f1,2 today.csv)
	[ "$(ae-normalize -m machine.aem today.csv 2>&1 >/dev/null | grep -c 'passed through: "machine", "stamp"$')" -eq 1 ]
	# the last paragraph there: what was written is shown without options, text too
	ae-normalize -q -m machine.aem today.csv | ae-recon -m machine.aem -o r.aes
	ae-cat -c r.aes >r.csv
	ae-cat -c r.csv | cmp - r.csv
	ae-cat -c out.txt | cmp - out.txt
	ae-info r.aes r.csv out.txt machine.aem >/dev/null
	[ "$(sed -n '22,41p' out.txt | grep -c ',s8,.*,1$')" -eq 20 ]
	[ "$(sed -n '2,21p' out.txt | grep -c ',0$')" -ge 18 ]
}

# mean NAME: of the runs' values in the file NAME.
mean() {
	awk '{ sum += $1 } END { printf "%.6f\n", sum / NR }' "$1"
}

# holds VALUE OP LIMIT
holds() {
	awk -v a="$1" -v b="$3" -v op="$2" 'BEGIN { exit !(op == ">=" ? a >= b : a <= b) }' || {
		echo "$1 is not $2 $3"
		return 1
	}
}

@test "the real beats: mean of seeds 0 to 19 reaches what PyTorch and Keras reach" {
	ecg_real
	local seed part name
	ae-split -H --label -1 --test 0.2 --seed 21 --test-out test.aes -o train.aes "$ECG"
	ae-normalize --fit minmax --per tensor -o scaled.aes train.aes
	for seed in {0..19}; do
		ae-train --where label=1 --net 140-32-16-8-16-32-140 --act relu --out sigmoid --loss mae --epochs 20 \
			--batch 512 --seed "$seed" --log loss.csv -q -m m.aem scaled.aes
		tail -n 1 loss.csv | cut -d, -f2 >>loss
		ae-recon -m m.aem scaled.aes | ae-err -o train.e.aes
		ae-cat --where label=1 train.e.aes | ae-thresh --fit sigma:1 -m m.aem | cut -d' ' -f1 >>threshold
		ae-normalize -m m.aem test.aes | ae-recon -m m.aem | ae-err -o test.e.aes
		for part in test train; do
			ae-thresh -m m.aem $part.e.aes | ae-metrics --normal 1 --json >m.json
			sed 's/.*"accuracy": \([0-9.e-]*\),.*/\1/' m.json >>$part.accuracy
			for name in precision recall; do
				sed "s/.*\"normal\": {[^}]*\"$name\": \\([0-9.e-]*\\)[,}].*/\\1/" m.json >>$part.$name
			done
		done
	done
	wc -l loss threshold test.accuracy train.recall | awk '$2 != "total" && $1 != 20 { exit 1 }'
	holds "$(mean test.accuracy)" '>=' 0.942
	holds "$(mean test.precision)" '>=' 0.990
	holds "$(mean test.recall)" '>=' 0.900
	holds "$(mean train.accuracy)" '>=' 0.932
	holds "$(mean train.precision)" '>=' 0.987
	holds "$(mean train.recall)" '>=' 0.895
	holds "$(mean threshold)" '>=' 0.030
	holds "$(mean threshold)" '<=' 0.036
	holds "$(mean loss)" '<=' 0.0225
}

# ---- a row's result depends on the row alone ----

@test "scores and verdicts are the same to the bit for --batch-rows 1, 2, 7, 16, 17 and 512 in every program" {
	local n
	verdicts "$F/m.aem" "$F/test.aes" >whole.csv
	[ "$(rows_of whole.csv)" -eq 120 ]
	[ "$(cut -d, -f3 whole.csv | sort -u | tr '\n' ' ')" = '0 1 pred ' ]
	for n in 1 2 7 16 17 512; do
		verdicts "$F/m.aem" "$F/test.aes" --batch-rows $n | cmp - whole.csv
	done
}

# bats test_tags=threads
@test "scores and verdicts are the same to the bit with -j 1 and -j 2" {
	local j
	ecg_synthetic 3000 8 | ae-split -H --label -1 --test 0.5 --seed 1 -o half.aes --test-out other.aes
	verdicts "$F/m.aem" half.aes -j 1 >one.csv
	for j in 2 3 5; do
		verdicts "$F/m.aem" half.aes -j $j | cmp - one.csv
		verdicts "$F/m.aem" half.aes -j $j --batch-rows 100 | cmp - one.csv
	done
}

@test "scores and verdicts are the same to the bit from CSV with --scaled" {
	verdicts "$F/m.aem" "$F/test.aes" >aest.csv
	ae-normalize -m "$F/m.aem" -c "$F/test.aes" >scaled.csv
	ae-recon -m "$F/m.aem" --scaled scaled.csv | ae-err | ae-thresh -m "$F/m.aem" >from.csv
	cut -d, -f2,3 from.csv | cmp - <(cut -d, -f2,3 aest.csv)
	# All the way through text.
	ae-recon -m "$F/m.aem" --scaled -c scaled.csv | ae-err -c --metric mae | ae-thresh -m "$F/m.aem" --scaled >text.csv
	cmp text.csv from.csv
	ae-recon -m "$F/m.aem" --scaled -t scaled.csv | ae-err -I tsv -t --metric mae |
		ae-thresh -I tsv -m "$F/m.aem" --scaled | cmp - from.csv
}

@test "scores and verdicts are the same to the bit under AE_ISA=avx2 and avx512" {
	local isa ran=0
	for isa in avx2 avx512; do
		if AE_ISA=$isa ae-recon -m "$F/m.aem" "$F/test.n.aes" >/dev/null 2>err.txt; then
			AE_ISA=$isa verdicts "$F/m.aem" "$F/test.aes" >$isa.csv
			ran=$((ran + 1))
		else
			[ "$(cat err.txt)" = "ae-recon: AE_ISA=$isa: this processor lacks it" ]
		fi
	done
	[ $ran -eq 2 ] || skip "this processor has only $ran of avx2 and avx512"
	cmp avx2.csv avx512.csv
}

@test "AE_ISA=generic gives scores that agree to rounding" {
	AE_ISA=generic verdicts "$F/m.aem" "$F/test.aes" >generic.csv
	verdicts "$F/m.aem" "$F/test.aes" >best.csv
	near 1e-6 <(cut -d, -f2 generic.csv) <(cut -d, -f2 best.csv)
}

@test "AE_ISA with an unknown or a missing instruction set is refused with status 2" {
	AE_ISA=avx3 expect_error 2 'AE_ISA=avx3: unknown instruction set*' ae-recon -m "$F/m.aem" "$F/test.n.aes"
}

@test "scores are the same to the bit when the rows are shuffled" {
	local seed
	ae-cat -c "$F/test.aes" >test.csv
	verdicts "$F/m.aem" "$F/test.aes" >straight.csv
	for seed in 1 2 3; do
		{
			head -n 1 test.csv
			tail -n +2 test.csv | nl -ba -w1 -s, | shuf --random-source=<(yes $seed) |
				tee order | cut -d, -f2-
		} >shuffled.csv
		verdicts "$F/m.aem" shuffled.csv | tail -n +2 >scored
		paste -d, <(cut -d, -f1 order) scored | sort -n | cut -d, -f2- | cmp - <(tail -n +2 straight.csv)
	done
}

@test "scores are the same to the bit when every row is scored alone" {
	local row
	verdicts "$F/m.aem" "$F/test.aes" >all.csv
	for row in 0 1 2 15 16 17 63 118 119; do
		ae-cat --skip "$row" --head 1 "$F/test.aes" >one.aes
		verdicts "$F/m.aem" one.aes | tail -n 1 | cmp - <(sed -n "$((row + 2))p" all.csv)
	done
}

# ---- reproducible files ----

# train_into MODEL ARGUMENT...
train_into() {
	ae-train -q --where label=1 --net 140-16-4-16-140 --out sigmoid --loss mae --epochs 3 --batch 50 -m "$@"
}

# bats test_tags=threads
@test "the model is the same to the byte for -j 1 and -j 2, from CSV and AEST, and on a second run" {
	local j
	train_into one.aem -j 1 "$F/train.n.aes"
	for j in 1 2 3 7; do
		train_into again.aem -j "$j" "$F/train.n.aes"
		cmp again.aem one.aem
	done
	# The source of the chain as CSV and as AEST, with a pipe between the two programs.
	ae-cat -c "$F/train.aes" >train.csv
	ae-normalize --fit minmax --per tensor train.csv | train_into csv.aem
	ae-normalize --fit minmax --per tensor "$F/train.aes" | train_into aest.aem
	cmp csv.aem aest.aem
	cmp csv.aem one.aem
}

@test "the model is the same to the byte for any batches of the stream" {
	local n
	train_into one.aem "$F/train.n.aes"
	for n in 1 7 512; do
		ae-cat --batch-rows $n "$F/train.n.aes" | train_into again.aem
		cmp again.aem one.aem
	done
}

@test "another seed gives another model" {
	train_into zero.aem "$F/train.n.aes"
	train_into 0.aem --seed 0 "$F/train.n.aes"
	train_into 1.aem --seed 1 "$F/train.n.aes"
	cmp zero.aem 0.aem
	run cmp -s zero.aem 1.aem
	[ "$status" -eq 1 ]
}

@test "every file of the experiment is the same to the byte on a second run" {
	local run
	for run in a b; do
		mkdir $run
		(
			cd $run
			experiment "$F/beats.csv" >out.txt 2>err.txt
			ae-normalize -m ecg.aem -o n.aes test.aes
			ae-recon -m ecg.aem -o r.aes n.aes
			ae-err -o e.aes r.aes
			ae-thresh -m ecg.aem -o v.csv e.aes
		)
		rm $run/ecg.csv
	done
	diff -r a b
}

# ---- models that are not whole ----

@test "a model file that is cut is refused" {
	local size at
	size=$(wc -c <"$F/m.aem")
	for at in 0 1 6 13 14 100 1000 $((size / 2)) $((size - 30)) $((size - 1)); do
		head -c "$at" "$F/m.aem" >cut.aem
		expect_error 1 'cut.aem: *' ae-recon -m cut.aem "$F/test.n.aes"
	done
	cat "$F/m.aem" "$F/m.aem" >twice.aem
	expect_error 1 'twice.aem: *' ae-recon -m twice.aem "$F/test.n.aes"
	(cat "$F/m.aem" && echo) >longer.aem
	expect_error 1 'longer.aem: *' ae-recon -m longer.aem "$F/test.n.aes"
}

@test "a model file with a flipped bit is refused" {
	local size at
	size=$(wc -c <"$F/m.aem")
	for at in 0 1 2 3 4 5 6 7 8 9 10 20 30 50 80 130 200 500 1000 $((size / 2)) $((size - 6)) $((size - 1)); do
		flip "$F/m.aem" "$at" $((at % 8)) >flipped.aem
		[ "$(wc -c <flipped.aem)" -eq "$size" ]
		expect_error 1 'flipped.aem: *' ae-recon -m flipped.aem "$F/test.n.aes"
		expect_error 1 'flipped.aem: *' ae-thresh -m flipped.aem "$F/test.e.aes"
	done
}

@test "a stream with a flipped bit is refused by every program that reads it" {
	local at size
	ae-cat --head 3 "$F/test.e.aes" >small.aes
	size=$(wc -c <small.aes)
	for ((at = 0; at < size; at += 3)); do
		flip small.aes "$at" $((at % 8)) >flipped.aes
		expect_error 1 '*' ae-thresh --at 1 flipped.aes
	done
	for at in 0 5 30 90 200 400 700; do
		flip "$F/test.n.aes" "$at" $((at % 8)) >flipped.aes
		expect_error 1 '*' ae-recon -m "$F/m.aem" flipped.aes
		flip "$F/test.r.aes" "$at" $((at % 8)) >flipped.aes
		expect_error 1 '*' ae-err flipped.aes
		flip "$F/test.e.aes" "$at" $((at % 8)) >flipped.aes
		expect_error 1 '*' ae-metrics --normal 1 flipped.aes
	done
}

@test "failure travels down the pipe: a cut at its head is an error at its end" {
	head -c 3000 "$F/test.n.aes" >cut.aes
	# shellcheck disable=SC2016
	run bash -c 'ae-recon -m "$F/m.aem" cut.aes 2>/dev/null | ae-err 2>/dev/null | ae-thresh -m "$F/m.aem"'
	[ "$status" -eq 1 ]
	run bash -c 'ae-recon -m "$F/m.aem" cut.aes 2>/dev/null | ae-err 2>/dev/null | ae-thresh -m "$F/m.aem" 2>/dev/null | ae-metrics --normal 1'
	[ "$status" -eq 1 ]
}

# ---- bounded memory ----

@test "200,000 rows go through each program under 32 MiB" {
	[ -x /usr/bin/time ] || skip 'no /usr/bin/time'
	unsanitized 'it takes memory for itself'
	local many program
	ecg_synthetic 5000 9 | ae-cat -H --label -1 --f32 >some.aes
	many=$(yes some.aes | head -n 40 | tr '\n' ' ')
	export many
	# shellcheck disable=SC2016
	pipe 'measure() { /usr/bin/time -q -o "kb.$1" -f %M "$@"; }
		measure ae-cat $many | measure ae-normalize -m "$F/m.aem" | measure ae-recon -m "$F/m.aem" | measure ae-err |
			measure ae-thresh -m "$F/m.aem" -O aest | tee verdicts.aes | measure ae-metrics --normal 1' >metrics.txt
	grep -qE '^rows +200000$' metrics.txt
	for program in ae-cat ae-normalize ae-recon ae-err ae-thresh ae-metrics; do
		echo "$program $(cat kb.$program) KiB"
		[ "$(cat kb.$program)" -lt 32768 ]
	done
	# Fitting too; from a pipe it goes through a spool file.
	# shellcheck disable=SC2086
	ae-cat $many | /usr/bin/time -q -o kb -f %M ae-normalize --fit minmax | tail -c 20 >/dev/null
	echo "ae-normalize --fit $(cat kb) KiB"
	[ "$(cat kb)" -lt 32768 ]
	/usr/bin/time -q -o kb -f %M ae-thresh --fit sigma:1 --save t.thr verdicts.aes 2>/dev/null
	echo "ae-thresh --fit $(cat kb) KiB"
	[ "$(cat kb)" -lt 32768 ]
}

# ---- live ----

@test "live: every verdict comes before the next row is sent" {
	local row line
	mkfifo to from
	ae-normalize -H --label -1 -m "$F/m.aem" <to | ae-recon -m "$F/m.aem" | ae-err | ae-thresh -m "$F/m.aem" >from &
	exec 5>to 6<from
	for row in {1..20}; do
		sed -n "${row}p" "$F/beats.csv" >&5
		if [ "$row" -eq 1 ]; then
			IFS= read -r -t 60 line <&6
			[ "$line" = label,err,pred ]
		fi
		IFS= read -r -t 60 line <&6
		echo "$line" >>verdicts
	done
	exec 5>&-
	[ -z "$(cat <&6)" ]
	wait
	ae-normalize -H --label -1 -m "$F/m.aem" <(head -n 20 "$F/beats.csv") | ae-recon -m "$F/m.aem" | ae-err |
		ae-thresh -m "$F/m.aem" | tail -n +2 | cmp - verdicts
}

@test "live: a burst of rows is answered without waiting for more" {
	local line n=0
	mkfifo to from
	ae-normalize -H --label -1 -m "$F/m.aem" <to | ae-recon -m "$F/m.aem" | ae-err | ae-thresh -m "$F/m.aem" >from &
	exec 5>to 6<from
	head -n 100 "$F/beats.csv" >&5
	while [ $n -lt 101 ]; do
		IFS= read -r -t 60 line <&6
		n=$((n + 1))
	done
	exec 5>&-
	[ -z "$(cat <&6)" ]
	wait
	[[ $line =~ ^[01],0\.[0-9]+,[01]$ ]]
}

@test "live: half a row gives no verdict" {
	local line
	mkfifo to from
	ae-normalize -H --label -1 -m "$F/m.aem" <to 2>err.txt | ae-recon -m "$F/m.aem" 2>/dev/null | ae-err 2>/dev/null |
		ae-thresh -m "$F/m.aem" 2>/dev/null >from &
	exec 5>to 6<from
	head -n 1 "$F/beats.csv" >&5
	read -r -t 60 line <&6
	read -r -t 60 line <&6
	sed -n 2p "$F/beats.csv" | head -c 500 >&5
	exec 5>&-
	[ "$(cat <&6)" = '!' ]
	wait
	grep -q 'line 2' err.txt
}

@test "live: when the reader goes, the whole idle chain ends" {
	local chain
	mkfifo to from
	(
		ae-normalize -H --label -1 -m "$F/m.aem" <to | ae-recon -m "$F/m.aem" | ae-err | ae-thresh -m "$F/m.aem" >from ||
			echo "${PIPESTATUS[@]}" >statuses
	) 2>err.txt &
	chain=$!
	exec 5>to 6<from
	head -n 1 "$F/beats.csv" >&5
	read -r -t 60 <&6
	read -r -t 60 <&6
	exec 6<&- # nothing more is sent
	wait $chain
	exec 5>&-
	[ "$(cat statuses)" = '141 141 141 141' ]
	[ ! -s err.txt ]
}

# ---- boundaries ----

@test "streams one after the other: each is scored as alone" {
	ae-cat --head 50 "$F/test.aes" >a.aes
	ae-cat --skip 50 "$F/test.aes" >b.aes
	cat a.aes b.aes >both.aes
	verdicts "$F/m.aem" "$F/test.aes" >whole.csv
	verdicts "$F/m.aem" both.aes | cmp - whole.csv
	ae-normalize -m "$F/m.aem" a.aes b.aes | ae-recon -m "$F/m.aem" | ae-err >both.e.aes
	cat <(ae-normalize -m "$F/m.aem" a.aes | ae-recon -m "$F/m.aem" | ae-err) \
		<(ae-normalize -m "$F/m.aem" b.aes | ae-recon -m "$F/m.aem" | ae-err) | cmp - both.e.aes
	ae-thresh -m "$F/m.aem" both.e.aes | cmp - whole.csv
	[ "$(ae-metrics --normal 1 both.e.aes)" = "$(ae-metrics --normal 1 "$F/test.e.aes")" ]
}

@test "at a boundary the model is read again" {
	local line n
	train_into other.aem --seed 5 "$F/train.n.aes"
	cp "$F/bare.aem" live.aem
	mkfifo to from
	ae-recon -m live.aem <to | ae-err -c >from &
	exec 5>to 6<from
	cat "$F/test.n.aes" >&5
	for n in {0..120}; do
		IFS= read -r -t 60 line <&6
		echo "$line" >>first.csv
	done
	cp other.aem new.aem
	mv new.aem live.aem
	cat "$F/test.n.aes" >&5
	exec 5>&-
	cat <&6 >second.csv
	wait
	ae-recon -m "$F/bare.aem" "$F/test.n.aes" | ae-err -c | cmp - first.csv
	ae-recon -m other.aem "$F/test.n.aes" | ae-err -c | tail -n +2 | cmp - second.csv
	[ "$n" = 120 ]
}

# bats test_tags=threads
@test "at a boundary ae-thresh reads its threshold again, and refuses another network's" {
	local line n
	cp "$F/m.aem" live.aem
	mkfifo to from
	ae-thresh -m live.aem <to >from 2>err.txt &
	exec 5>to 6<from
	cat "$F/test.e.aes" >&5
	for n in {0..120}; do
		IFS= read -r -t 60 line <&6
		echo "$line" >>first.csv
	done
	cp "$F/m.aem" new.aem
	ae-thresh --fit fixed:0 -m new.aem "$F/test.e.aes" >/dev/null 2>&1
	mv new.aem live.aem
	cat "$F/test.e.aes" >&5
	for n in {1..120}; do
		IFS= read -r -t 60 line <&6
		[[ $line == *,1 ]]
	done
	train_into new.aem --seed 5 "$F/train.n.aes"
	ae-recon -m new.aem "$F/test.n.aes" | ae-err | ae-thresh --fit fixed:0 -m new.aem >/dev/null 2>&1
	mv new.aem live.aem
	cat "$F/test.e.aes" >&5
	exec 5>&-
	[ "$(cat <&6)" = '!' ]
	wait
	cmp first.csv "$F/test.v.csv"
	[[ $(cat err.txt) == *'err was made with another model than the threshold in live.aem' ]]
	[ "$n" = 120 ]
}
