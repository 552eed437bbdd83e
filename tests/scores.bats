#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Scores that take the model's statistics: what ae-train keeps of the latent, and what ae-err makes of it.
load helpers
load fixture

setup() {
	helpers_setup
	/usr/bin/python3 -c 'import msgpack, numpy, sklearn' 2>/dev/null || skip 'no NumPy, msgpack or scikit-learn for Python'
}

scores() {
	/usr/bin/python3 "$ROOT/tests/expected/scores.py" "$@"
}

# rows N SEED: N rows of six columns that depend on each other, the last far from 0 and hardly moving.
rows() {
	awk -v n="$1" -v seed="$2" 'BEGIN { srand(seed); print "a,b,c,d,e,f"; for (i = 0; i < n; i++) {
		u = rand(); v = rand()
		printf "%.4f,%.4f,%.4f,%.4f,%.4f,%.4f\n", u, v, u + v + rand() / 9, u - v, rand() / 5, 1000 + v / 99 } }'
}

# stats_are_right MODEL ROWS: the model keeps of the latent of these rows, which it was trained on, what it should.
stats_are_right() {
	ae-encode -m "$1" -c "$2" >latent.csv
	scores stats "$1" latent.csv
}

@test "ae-train keeps mean and shrunk covariance of the latent, those of scikit-learn" {
	rows 500 1 >x.csv
	local net
	for net in 6-3-6 6-5-1-5-6 'dense 5 tanh, dense 4 elu | dense 6' 'dense 9 relu | dense 6'; do
		ae-train -q --net "$net" --epochs 3 -m m.aem x.csv
		stats_are_right m.aem x.csv
	done
	rows 3 1 >few.csv # fewer rows than latent values
	ae-train -q --net 'dense 9 tanh | dense 6' --epochs 1 -m m.aem few.csv
	stats_are_right m.aem few.csv
	head -n 2 few.csv >one.csv
	ae-train -q --net 6-3-6 --epochs 1 -m m.aem one.csv
	stats_are_right m.aem one.csv
}

@test "ae-train: statistics of the latent are of the training rows alone, and the same for any -j and with --strip" {
	rows 600 2 >x.csv
	ae-train -q -j 1 --net 6-3-6 --epochs 2 --valid 0.25 -m m.aem x.csv
	stats_are_right m.aem <(head -n 451 x.csv)
	ae-train -q -j 3 --net 6-3-6 --epochs 2 --valid 0.25 -m same.aem x.csv
	cmp m.aem same.aem
	ae-train -q --strip --net 6-3-6 --epochs 2 --valid 0.25 -m strip.aem x.csv
	stats_are_right strip.aem <(head -n 451 x.csv)
	ae-train -q --resume m.aem --epochs 4 -m four.aem x.csv
	stats_are_right four.aem x.csv
}

@test "ae-train: a latent of images, and of rows with holes; none of more than 1024 values" {
	local models=$ROOT/tests/expected/models-0.1
	ae-train -q --net 'conv 4 3x3/2 relu, conv 3 3x3 tanh | convt 1 3x3/2' --epochs 2 -m images.aem "$models/images.aes"
	stats_are_right images.aem "$models/images.aes"
	ae-train -q --missing=mask --net 6-3-6 --epochs 2 -m holes.aem <(rows 90 4 | sed '5,40s/^[^,]*//; 9s/.*/,,,,,/') 2>/dev/null
	ae-encode --missing=mask -m holes.aem -c <(rows 90 4 | sed '5,40s/^[^,]*//; 9d') >latent.csv
	scores stats holes.aem latent.csv
	awk 'BEGIN { print 1 }' | ae-train -q -H --net 'dense 1024 | dense 1' --epochs 1 -m most.aem
	awk 'BEGIN { print 1 }' | ae-train -q -H --net 'dense 1025 | dense 1' --epochs 1 -m more.aem
	grep -aq latent most.aem
	run grep -aq latent more.aem
	[ "$status" -eq 1 ]
}

@test "statistics of other weights than the model's count as none: a version before left them, or a signal ended the training" {
	rows 500 13 >x.csv
	ae-train -q --net 6-3-6 --epochs 2 -m two.aem x.csv
	ae-train -q --resume two.aem --epochs 3 -m three.aem x.csv
	scores latent-of three.aem two.aem stale.aem
	local pid status=0
	ae-train -v --resume two.aem --epochs 1000000 -m live.aem x.csv 2>err.txt &
	pid=$!
	eventually grep -q 'epoch 9/' err.txt
	kill -TERM $pid
	wait $pid || status=$?
	[ "$status" -eq 143 ]
	local model metric
	for model in stale.aem live.aem.ckpt; do
		ae-recon --latent -m $model -o r.aes x.csv
		for metric in t2 t2q; do
			expect_error 1 "*$model: holds no statistics of the latent, as checkpoints and models trained before do: *" \
				ae-err --metric $metric -m $model r.aes
		done
		expect_error 1 "*$model: holds no training errors, as checkpoints do*" ae-err --metric mae --standardise -m $model r.aes
		expect_error 1 "*$model: holds no training errors, as checkpoints do*" ae-err --top 2 -m $model r.aes
		run bash -c "ae-info $model | grep '^latent'"
		[ "$status" -eq 1 ]
	done
	# Training on measures them.
	ae-train -q --resume stale.aem --epochs 4 -m four.aem x.csv
	stats_are_right four.aem x.csv
	# Of a model that does not say whose they are they are taken at its word, and stay so.
	scores no-digest two.aem word.aem
	ae-recon --latent -m word.aem x.csv | ae-err --metric t2 -m word.aem -c >word.csv
	ae-recon --latent -m two.aem x.csv | ae-err --metric t2 -m two.aem -c | cmp - word.csv
	ae-recon -m word.aem x.csv | ae-err | ae-thresh --fit sigma:3 -m word.aem >/dev/null
	ae-recon --latent -m word.aem x.csv | ae-err --metric t2 -m word.aem -c | cmp - word.csv
}

@test "ae-thresh --fit keeps the statistics of the latent, to the byte" {
	rows 300 3 >x.csv
	ae-train -q --net 6-3-6 --epochs 2 -m m.aem x.csv
	cp m.aem with.aem
	ae-recon -m m.aem x.csv | ae-err | ae-thresh --fit sigma:2 -m with.aem >/dev/null
	/usr/bin/python3 - <<-PY
	import sys
	sys.path.insert(0, "$ROOT/tests/expected")
	from from_pages import Model
	assert Model("m.aem").sections["latent"] == Model("with.aem").sections["latent"]
	PY
}

# score METRIC ARG...: writes the scores that ae-err gives rows.aes with these arguments to METRIC.csv, METRIC being what the
# lineage must say.
score() {
	ae-err "${@:2}" -o e.aes rows.aes
	ae-cat -c --cols err e.aes >"$1.csv"
	ae-info e.aes | grep -q "^err  *$1\( against .*\)\?$"
}

@test "ae-err: t2, t2q, --standardise, --worst and their combinations are NumPy's" {
	rows 500 5 >x.csv
	ae-train -q --net 6-3-6 --act elu --loss mae --epochs 5 -m m.aem x.csv
	rows 60 6 | ae-recon --latent -m m.aem -o rows.aes
	ae-cat -c rows.aes >rows.csv
	score t2 --metric t2 -m m.aem
	score t2q --metric t2q -m m.aem
	score mae,worst:1 --worst 1
	score max,standardise --metric max --standardise -m m.aem
	local metric
	for metric in mae mse rmse; do
		score $metric,standardise --metric $metric --standardise -m m.aem
		score $metric,worst:0.34 --metric $metric --worst 0.34
		score $metric,standardise,worst:0.5 --metric $metric --standardise --worst 0.5 -m m.aem
	done
	scores err m.aem rows.csv t2 t2q mae,worst:1 max,standardise {mae,mse,rmse},{standardise,worst:0.34,"standardise,worst:0.5"}
	rows 60 6 | ae-encode -m m.aem | ae-err --metric t2 -m m.aem | ae-cat -c --cols err | cmp - t2.csv
	cut -d, -f 1-6 rows.csv >x.csv
	ae-recon -m m.aem -c x.csv | ae-err --metric mae --standardise -m m.aem | ae-cat -c --cols err | cmp - mae,standardise.csv
}

@test "ae-err: the same scores by --metric t2q, --standardise and --worst for any batches, and no error of memory" {
	rows 60 6 >x.csv
	ae-train -q --net 6-3-6 --epochs 1 -m m.aem x.csv
	ae-recon --latent -m m.aem -o rows.aes x.csv
	same_for_batches rows.aes ae-err --metric t2q -m m.aem
	same_for_batches rows.aes ae-err --standardise --worst 0.3 -m m.aem
	valgrind_clean ae-err --metric t2q -m m.aem rows.aes >/dev/null
	valgrind_clean ae-err --standardise --worst 0.3 --per-feature --top 2 -m m.aem rows.aes >/dev/null
}

@test "ae-err --worst: rows on which the selection would take forever" {
	/usr/bin/python3 "$ROOT/tests/expected/slow_selection.py" 2001 >slow.csv # 1 to 2001
	[ "$(ae-err --metric mae --worst 0.1 -c slow.csv | tail -n 1)" = 1901 ]
	[ "$(ae-err --metric mae --worst 0.5 -c slow.csv | tail -n 1)" = 1501 ]
}

@test "ae-err: --last takes a window's last row, alone and with the other modifiers, as NumPy does" {
	rows 90 7 | ae-window --size 4 --drop-incomplete -o x.aes
	ae-train -q --net 24-5-24 --epochs 3 --loss mae -m m.aem x.aes
	ae-recon --latent -m m.aem -o rows.aes x.aes
	ae-cat -c rows.aes >rows.csv
	score mae,last --last
	score mse,standardise,last --metric mse --last --standardise -m m.aem
	score mae,standardise,worst:0.5,last --last --standardise --worst 0.5 -m m.aem
	scores err m.aem rows.csv mae,last mse,standardise,last mae,standardise,worst:0.5,last
	[ "$(ae-recon -m m.aem x.aes | ae-err --last --per-feature -c | head -n 1)" = err,err.a,err.b,err.c,err.d,err.e,err.f ]
	expect_error 1 '*--last takes windows*' ae-err --last "$F/test.r.aes"
}

@test "ae-err: what does not go together, and what the model does not keep" {
	expect_error 2 '--metric cosine is not made of elements*' ae-err --metric cosine --worst 0.1 "$F/test.r.aes"
	expect_error 2 '--metric t2 is not made of elements*' ae-err --metric t2 --last -m "$F/m.aem" "$F/test.r.aes"
	expect_error 2 '--metric max is the worst element already*' ae-err --metric max --worst 0.1 "$F/test.r.aes"
	expect_error 2 '--worst 0: *' ae-err --worst 0 "$F/test.r.aes"
	expect_error 2 '--worst 1.1: *' ae-err --worst 1.1 "$F/test.r.aes"
	expect_error 2 '--standardise takes *-m FILE*' ae-err --standardise "$F/test.r.aes"
	expect_error 2 '--metric t2 or t2q takes *-m FILE*' ae-err --metric t2 "$F/test.r.aes"
	expect_error 2 '--metric t2: it has no error per feature*' ae-err --metric t2 --per-feature -m "$F/m.aem" "$F/test.r.aes"
	expect_error 1 '*--metric t2 takes what ae-recon --latent adds: *latent*' ae-err --metric t2 -m "$F/m.aem" "$F/test.r.aes"
	local old=$ROOT/tests/expected/models-0.1
	ae-recon --latent -m "$old/dense.aem" -o old.aes "$old/rows.aes"
	expect_error 1 '*dense.aem: holds no statistics of the latent, as checkpoints and models trained before do: train it again for --metric t2' \
		ae-err --metric t2 -m "$old/dense.aem" old.aes
	expect_error 1 '*was not made with*' ae-err --standardise -m "$old/dense.aem" "$F/test.r.aes"
	ae-normalize --invert "$F/test.r.aes" >raw.aes
	expect_error 1 '*recon is in original units*' ae-err --standardise -m "$F/m.aem" raw.aes
}

@test "ae-thresh refuses a threshold of other modifiers or other statistics" {
	rows 300 8 >x.csv
	ae-train -q --net 6-3-6 --epochs 2 -m m.aem x.csv
	ae-recon --latent -m m.aem -o r.aes x.csv
	ae-err --metric mae --worst 0.3 r.aes | ae-thresh --fit sigma:2 --save worst.aem >/dev/null
	ae-err --metric mae r.aes | expect_error 1 '*err is mae, but the threshold in worst.aem was fitted on mae,worst:0.3' ae-thresh -m worst.aem
	ae-err --metric t2 -m m.aem r.aes | ae-thresh --fit sigma:2 -m m.aem >/dev/null
	ae-err --metric t2 -m m.aem r.aes | ae-thresh -m m.aem >/dev/null
	# The same weights, other rows: other statistics.
	ae-train -q --init m.aem --net 6-3-6 --lr 0 --epochs 1 -m other.aem <(head -n 99 x.csv) 2>/dev/null
	ae-err --metric t2 -m other.aem r.aes | expect_error 1 '*err was made with other statistics of training rows than the threshold in m.aem' ae-thresh -m m.aem
}

# pipeline_scores STAGES ARG...: with a threshold on ae-err's scores with these arguments the pipeline of m.aem has these stages
# before ae-thresh, and gives x.csv the same scores.
pipeline_scores() {
	local want=$1
	ae-normalize -m m.aem x.csv | ae-window --size 3 --drop-incomplete | ae-recon --latent -m m.aem |
		ae-err "${@:2}" -o e.aes
	ae-thresh --fit quantile:0.9 -m m.aem e.aes >/dev/null
	[ "$(ae-info --pipeline m.aem)" = "ae-normalize -m m.aem | ae-window -m m.aem | $want | ae-thresh -m m.aem" ] || {
		ae-info --pipeline m.aem
		return 1
	}
	bash -o pipefail -c "$(ae-info --pipeline m.aem)" <x.csv | ae-cat --missing skip -c --cols err,pred >got.csv
	ae-thresh -m m.aem e.aes | ae-cat -c --cols err,pred | cmp - got.csv
	[ "$(wc -l <got.csv)" -eq 59 ]
}

@test "ae-info --pipeline prints the options of the scores that the threshold was fitted on, and it runs" {
	rows 60 9 >x.csv
	ae-normalize --fit standard x.csv | ae-window --size 3 --drop-incomplete | ae-train -q --net 18-3-18 --epochs 2 --loss mae -m m.aem
	pipeline_scores 'ae-recon -m m.aem --latent | ae-err -m m.aem --metric t2' --metric t2 -m m.aem
	pipeline_scores 'ae-recon -m m.aem --latent | ae-err -m m.aem --metric t2q' --metric t2q -m m.aem
	pipeline_scores 'ae-recon -m m.aem | ae-err --metric mae --worst 0.25 --last' --worst 0.25 --last
	pipeline_scores 'ae-recon -m m.aem | ae-err -m m.aem --metric mse --standardise --worst 0.25 --last' \
		--metric mse --standardise --worst 0.25 --last -m m.aem
}

@test "ae-info shows the statistics of the latent in one line, and none where there are none" {
	ae-train -q --net 6-3-6 --epochs 1 -m m.aem <(rows 40 10)
	ae-info m.aem | grep -qE '^latent +mean and covariance of 3 values over 40 rows, shrinkage 0\.[0-9]+$'
	run bash -c "ae-info '$ROOT/tests/expected/models-0.1/dense.aem' | grep '^latent'"
	[ "$status" -eq 1 ]
}

@test "the lineage's stats are the digest that ae-stream(5) has" {
	rows 40 11 >x.csv
	ae-train -q --net 6-3-6 --epochs 1 -m m.aem x.csv
	ae-recon --latent -m m.aem -o r.aes x.csv
	local metric
	for metric in t2 t2q 'mae --standardise'; do
		# shellcheck disable=SC2086 # a metric and its modifier
		ae-err --metric $metric -m m.aem -o e.aes r.aes
		scores digest m.aem e.aes "$metric"
	done
}

@test "ae-err --top: of a window a column with the sum of its shares; with --last and --standardise as they say" {
	rows 60 12 | ae-window --size 4 --drop-incomplete -o x.aes
	ae-train -q --net 24-5-24 --epochs 3 --loss mae -m m.aem x.aes
	ae-recon -m m.aem -o r.aes x.aes
	ae-err --metric mse --top 6 -c r.aes >top.csv
	ae-err --metric mse --per-feature -c r.aes >all.csv
	ae-err --metric mse --top 6 --last -c r.aes >last.csv
	ae-err --metric mse --per-feature --last -c r.aes >all.last.csv
	ae-err --metric mse --top 6 --standardise -m m.aem -c r.aes >unit.csv
	ae-err --metric mse --per-feature --standardise -m m.aem -c r.aes >all.unit.csv
	/usr/bin/python3 - <<-'PY'
	import csv, numpy as np
	for top, every in (("top", "all"), ("last", "all.last"), ("unit", "all.unit")):
	    tops, squares = list(csv.reader(open(top + ".csv"))), list(csv.reader(open(every + ".csv")))
	    assert len(tops) == len(squares) == 58
	    for row, values in zip(tops[1:], squares[1:]):
	        sums = np.array(values[1:], float).reshape(-1, 6).sum(0)
	        wanted = sorted(zip(sums / sums.sum(), "abcdef"), reverse=True)
	        assert row[1::2] == [name for _, name in wanted], row
	        assert np.allclose([float(v) for v in row[2::2]], [share for share, _ in wanted], rtol=1e-9), row
	PY
	same_for_batches r.aes ae-err --top 2 --last --standardise -m m.aem
}

@test "ae-err --worst: any share of rows with many equal errors" {
	awk 'BEGIN {
		srand(3)
		print "a,b,c,d,e,f,g,target.a,target.b,target.c,target.d,target.e,target.f,target.g"
		for (i = 0; i < 300; i++) {
			line = "0,0,0,0,0,0,0"
			for (c = 0; c < 7; c++) line = line "," int(rand() * (1 + i % 9))
			print line
		}
	}' >rows.csv
	local share
	for share in 0.1 0.15 0.3 0.5 0.7 0.9 1; do
		ae-err --of x --metric mae --worst $share -c rows.csv | tail -n +2 >errors.txt
		awk -F, -v share=$share 'NR > 1 {
			k = int(share * 7 - 1e-9); k += k < share * 7 - 1e-9
			for (i = 0; i < 10; i++) count[i] = 0
			for (i = 8; i <= 14; i++) count[$i]++
			sum = 0; left = k
			for (v = 9; v >= 0; v--) { taken = count[v] < left ? count[v] : left; sum += v * taken; left -= taken }
			printf "%.12f\n", sum / k
		}' rows.csv | cmp - <(awk '{ printf "%.12f\n", $1 }' errors.txt)
	done
}
