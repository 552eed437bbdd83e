#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=threads
# Training in parts: --resume, the checkpoint of a signal, --init and --strip give the bytes that they should.
load helpers
load scoring

setup_file() {
	scoring_fixture
	ae-cat --where label=1 "$F/train.n.aes" -o "$F/normal.aes"
}

# train MODEL [OPTION...]
train() {
	ae-train -q --net 140-8-140 -m "$@" "$F/normal.aes"
}

# resume FROM MODEL [OPTION...]
resume() {
	ae-train -q --resume "$1" -m "${@:2}" "$F/normal.aes"
}

# parts EPOCHS OPTION...: training in two parts gives the bytes of training in one.
parts() {
	local half=$(($1 / 2)) epochs=$1
	shift
	train whole.aem --epochs "$epochs" "$@" || return
	train half.aem --epochs $half "$@" || return
	resume half.aem joined.aem --epochs "$epochs" || return
	cmp whole.aem joined.aem
}

@test "--resume: 10 and 10 epochs give the bytes of 20" {
	parts 20
}

@test "--resume: with another seed, loss, rate, decay and batch, all from the file" {
	parts 6 --seed 7 --loss mae --lr 0.01 --decay 0.01 --batch 7 --act tanh --out sigmoid
	parts 6 --loss huber
}

@test "--resume: with sgd and momentum, and with none" {
	parts 6 --optimizer sgd --lr 0.1 --momentum 0.9
	parts 6 --optimizer sgd --lr 0.1
}

@test "--resume: in any number of parts, and onto the file itself" {
	train whole.aem --epochs 6
	train m.aem --epochs 1
	resume m.aem m.aem --epochs 2
	resume m.aem m.aem --epochs 5
	resume m.aem m.aem --epochs 6
	cmp m.aem whole.aem
}

@test "--resume: with another number of threads" {
	train whole.aem --epochs 4 -j 1
	train half.aem --epochs 2 -j 2
	resume half.aem joined.aem --epochs 4 -j 3
	cmp whole.aem joined.aem
}

@test "--resume: with a held-out share and a log" {
	train half.aem --epochs 3 --valid 0.2
	resume half.aem joined.aem --epochs 6 --valid 0.2 --log rest.csv
	train whole.aem --epochs 6 --valid 0.2 --log whole.csv
	cmp whole.aem joined.aem
	[ "$(cut -d, -f1 rest.csv | paste -sd ' ')" = 'epoch 4 5 6' ]
	cmp <(tail -n 3 rest.csv) <(tail -n 3 whole.csv)
}

@test "--resume: a model of masked rows goes on with the mask" {
	awk 'BEGIN { print "a,b,c"; for (n = 0; n < 90; n++) print (n % 5 ? n * 7 % 11 / 10 : "") "," n % 3 "," n * n % 7 }' >holes.csv
	ae-normalize --missing=mask --fit standard -o holes.aes holes.csv
	ae-train -q --missing=mask --net 3-2-3 --epochs 4 -m whole.aem holes.aes
	ae-train -q --missing=mask --net 3-2-3 --epochs 2 -m half.aem holes.aes
	ae-train -q --missing=mask --resume half.aem --epochs 4 -m joined.aem holes.aes
	cmp whole.aem joined.aem
	ae-train -q --resume half.aem --epochs 4 -m joined.aem holes.aes
	cmp whole.aem joined.aem
}

@test "--resume: the threshold is that of other weights, and goes" {
	resume "$F/m.aem" more.aem --epochs 31
	expect_error 1 'more.aem: holds no threshold; ae-thresh --fit puts one there' ae-thresh -m more.aem "$F/test.e.aes"
}

@test "--strip: the same model without the optimiser's state; --resume says so" {
	train full.aem --epochs 2
	train small.aem --epochs 2 --strip
	[ "$(wc -c <small.aem)" -lt "$(wc -c <full.aem)" ]
	same "ae-recon -m full.aem $F/test.n.aes" "ae-recon -m small.aem $F/test.n.aes"
	expect_error 1 'small.aem: holds no state to go on from: *' resume small.aem o.aem --epochs 3
	resume full.aem resumed.aem --epochs 3 --strip
	train three.aem --epochs 3 --strip
	cmp resumed.aem three.aem
}

@test "--init: the weights of another model, a fresh optimiser and fresh settings" {
	train first.aem --epochs 2
	train again.aem --epochs 1 --lr 0 --init first.aem
	same "ae-recon -m first.aem $F/test.n.aes | ae-cat -c --cols recon" "ae-recon -m again.aem $F/test.n.aes | ae-cat -c --cols recon"
	# not the same as going on: Adam begins anew
	train anew.aem --epochs 1 --init first.aem
	resume first.aem on.aem --epochs 3
	run -1 cmp -s anew.aem on.aem
	# twice the same
	train anew2.aem --epochs 1 --init first.aem
	cmp anew.aem anew2.aem
	expect_error 2 '--init: with --resume it comes from first.aem' ae-train --resume first.aem --init first.aem -m o.aem "$F/normal.aes"
}

# stopped_by SIGNAL [OPTION...]: a long training stopped after some epochs; says its status.
stopped_by() {
	local pid status=0 options=(--net 140-8-140 --epochs 1000000)
	[ $# -eq 1 ] || options=("${@:2}")
	# What an earlier run wrote there must not count for this one.
	: >err.txt
	# bash has background commands ignore SIGINT; env gives it back.
	env --default-signal=INT ae-train -v "${options[@]}" -m live.aem "$F/normal.aes" 2>err.txt &
	pid=$!
	until grep -q 'epoch [0-9]*3/1000000' err.txt || ! kill -0 $pid; do
		sleep 0.05
	done
	kill "-$1" $pid
	wait $pid || status=$?
	echo $status
}

# epochs_of_checkpoint: how many the message says are done.
epochs_of_checkpoint() {
	sed -n 's/.*--resume live.aem.ckpt goes on after epoch \([0-9]*\)$/\1/p' err.txt
}

@test "SIGTERM: M.ckpt, never M, status 143; from there on the bytes of an uninterrupted run" {
	local epochs
	[ "$(stopped_by TERM)" -eq 143 ]
	[ ! -e live.aem ]
	epochs=$(epochs_of_checkpoint)
	[ "$epochs" -ge 3 ]
	[ "$(find . -name '*.aem*' -o -name '.aefilters*')" = ./live.aem.ckpt ]
	resume live.aem.ckpt live.aem --epochs $((epochs + 2))
	train straight.aem --epochs $((epochs + 2))
	cmp live.aem straight.aem
}

@test "SIGINT: M.ckpt, never M, status 130; from there on the bytes of an uninterrupted run" {
	local epochs
	old_model live.aem
	[ "$(stopped_by INT)" -eq 130 ]
	is_old_model live.aem
	epochs=$(epochs_of_checkpoint)
	resume live.aem.ckpt live.aem --epochs $((epochs + 1))
	train straight.aem --epochs $((epochs + 1))
	cmp live.aem straight.aem
}

@test "--resume: a checkpoint goes on to as many epochs as training began with" {
	local epochs
	[ "$(stopped_by TERM)" -eq 143 ]
	epochs=$(epochs_of_checkpoint)
	[ "$(stopped_by TERM --resume live.aem.ckpt)" -eq 143 ]
	[ "$(epochs_of_checkpoint)" -gt "$epochs" ]
}

@test "a checkpoint is a model: it scores, and ae-info describes it" {
	stopped_by TERM
	ae-recon -m live.aem.ckpt "$F/test.n.aes" | ae-err | ae-info --count | grep -qx 120
	ae-info live.aem.ckpt | grep -qE '^network +dense 8 relu \| dense 140$'
}

@test "--resume: with adamw, bce and cosine" {
	parts 4 --optimizer adamw --weight-decay 0.1 --lr 0.01
	parts 4 --loss bce --out-act sigmoid
	parts 4 --loss cosine --optimizer adamw
}

@test "--resume: with schedules and a warmup" {
	parts 6 --schedule cosine:6
	parts 6 --schedule cosine:8 --warmup 2
	parts 6 --schedule step:2,0.5 --warmup 1
	parts 6 --warmup 4 --optimizer sgd --lr 0.1
	train plain.aem --epochs 6
	run cmp -s plain.aem whole.aem
	[ "$status" -eq 1 ]
}

@test "--resume: a cosine is for the epochs that it began with" {
	train six.aem --epochs 6 --schedule cosine
	ae-info six.aem | grep -q 'schedule cosine over 6 epochs'
	expect_error 1 '*six.aem: schedule cosine ends after epoch 6; 8 epochs are wanted' \
		ae-train --resume six.aem --epochs 8 -m m.aem "$F/normal.aes"
	train parts.aem --epochs 6 --schedule cosine:6
	same "ae-recon -m six.aem $F/normal.aes | ae-err -c" "ae-recon -m parts.aem $F/normal.aes | ae-err -c"
}

@test "--resume: slices come from the file, and change bytes as threads do not" {
	ae-train -q --net 140-8-140 --batch 256 --slices 2 --epochs 4 -j 1 -m whole.aem "$F/train.n.aes"
	ae-train -q --net 140-8-140 --batch 256 --slices 2 --epochs 2 -j 3 -m half.aem "$F/train.n.aes"
	ae-train -q --resume half.aem --epochs 4 -j 2 -m joined.aem "$F/train.n.aes"
	cmp whole.aem joined.aem
	ae-info whole.aem | grep -q ', 2 slices$'
	ae-train -q --net 140-8-140 --batch 256 --slices 16 --epochs 4 -m same.aem "$F/train.n.aes"
	ae-train -q --net 140-8-140 --batch 256 --epochs 4 -m default.aem "$F/train.n.aes"
	cmp same.aem default.aem
}
