#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What ae-model(5) and ae-train(1) say is enough: a program written from them alone reads models, computes what they
# compute, and repeats a training. It also judges the accuracy of wide layers.
load helpers

PAGES=$ROOT/tests/expected/from_pages.py

setup() {
	helpers_setup
	/usr/bin/python3 -c 'import msgpack, numpy' 2>/dev/null || skip 'no NumPy or msgpack for Python'
}

pages() {
	/usr/bin/python3 "$PAGES" "$@"
}

# rows SHAPE [COUNT]: x.npy, rows of numbers between 0 and 1, not the same in any column.
rows() {
	/usr/bin/python3 -c 'import numpy as np, sys
shape = [int(sys.argv[2])] + [int(n) for n in sys.argv[1].split(",")]
np.save("x.npy", np.random.RandomState(3).beta(2, 3, shape))' "$1" "${2:-37}"
}

# same_recon: the pages' reconstruction of x.npy by m.aem is that of ae-recon.
same_recon() {
	pages recon m.aem x.npy wanted.npy
	ae-recon --scaled -m m.aem x.npy | ae-cat --cols recon -o got.npy
	pages check wanted.npy got.npy 1e-5
}

@test "ae-model(5): the digest, of models of every kind" {
	local model
	for model in "$ROOT"/tests/expected/*.aem "$ROOT"/tests/expected/models-0.1/*.aem; do
		[ "$(pages digest "$model")" = "$(ae-info "$model" | awk '$1 == "digest" { print $2 }')" ]
	done
}

@test "ae-model(5): what a network computes, dense layers and every activation" {
	rows 9
	local net
	for net in 'dense 7 relu, dense 5 leakyrelu:0.2, dense 4 elu | dense 5 tanh, dense 6 sigmoid, dense 9' \
		'dense 8 batchnorm gelu, dense 3 silu | dense 6 layernorm leakyrelu dropout:0.3, dense 9' \
		'layernorm, dense 4 tanh |dense 9'; do
		ae-train -q --net "$net" --epochs 3 --lr 0.02 -m m.aem x.npy
		same_recon
	done
}

@test "ae-model(5): what a network computes, images" {
	rows 6,5,2
	local net
	for net in 'conv 4 3x3/2 relu, conv 3 2x4 tanh | convt 3 3x2 elu, convt 5 3x3/2 batchnorm relu, conv 2 3x3 sigmoid, flatten, dense 60, reshape 6x5x2' \
		'conv 3 5x5 batchnorm relu maxpool, conv 2 2x2 | upsample, conv 2 3x3, flatten, dense 60 sigmoid, reshape 6x5x2' \
		'batchnorm, conv 3 1x3/2 layernorm, dense 6 | dense 60 tanh, reshape 6x5x2, convt 2 7x4'; do
		ae-train -q --net "$net" --epochs 2 --batch 8 --lr 0.02 -m m.aem x.npy
		same_recon
	done
	rows 12,7,2
	ae-train -q --net 'conv 4 9x2/3x1 relu, conv 2 1x11/2x7 | convt 3 2x1/2x7 batchnorm, convt 2 1x9/3x1 tanh' --epochs 2 \
		--batch 8 -m m.aem x.npy
	same_recon
	rows 8,6,1
	ae-train -q --net 'conv 4 3x3/2, conv 2 4x3 relu | convt 4 4x4 relu, convt 1 5x4/2' --epochs 2 -m m.aem x.npy
	same_recon
}

@test "ae-model(5): what a network computes, series" {
	local net
	rows 20,2
	for net in 'conv1d 6 7/2 relu, conv1d 3 4/5 tanh | convt1d 5 5/5 batchnorm relu, convt1d 4 31/2 elu, convt1d 2 1' \
		'layernorm, conv1d 4 31 batchnorm relu, dense 6 | dense 40 tanh, reshape 20x2, conv1d 2 3'; do
		ae-train -q --net "$net" --epochs 2 --batch 8 --lr 0.02 -m m.aem x.npy
		same_recon
	done
}

@test "ae-model(5): scalers" {
	rows 9
	local fit
	for fit in minmax standard robust maxabs div:3; do
		ae-normalize --fit "$fit" x.npy | ae-train -q --net 9-5-9 --epochs 2 -m m.aem
		pages recon m.aem x.npy wanted.npy
		ae-normalize -m m.aem x.npy | ae-recon -m m.aem | ae-cat --cols recon -o got.npy
		pages check wanted.npy got.npy 1e-5
	done
}

# bats test_tags=threads
@test "dense layers, wide and narrow: chains of 4,096 terms to the bit, on every instruction set" {
	local isa expected=$ROOT/tests/expected
	for isa in avx2 avx512; do
		AE_ISA=$isa ae-cat -q "$expected/wide.npy" >x.aes
		AE_ISA=$isa ae-encode -m "$expected/wide.aem" x.aes >y.aes 2>msg || {
			grep -q AE_ISA msg
			continue
		}
		ae-cat -c --cols latent y.aes | cmp - "$expected/wide.latent.csv"
		AE_ISA=$isa ae-encode -m "$expected/wide.aem" --batch-rows 1 -j 2 x.aes | ae-cat -c --cols latent |
			cmp - "$expected/wide.latent.csv"
	done
	# Without fused multiply-add the bits are others.
	AE_ISA=generic ae-encode -m "$expected/wide.aem" "$expected/wide.npy" | ae-cat --cols latent -o generic.npy
	/usr/bin/python3 -c 'import numpy as np
a, b = np.load("generic.npy"), np.genfromtxt("'"$expected"'/wide.latent.csv", delimiter=",", skip_header=1)
assert a.shape == (3, 3) and (abs(a / b - 1) < 2e-6).all(), a / b - 1'
}

@test "200,000 inputs have the accuracy of single precision" {
	pages write m.aem x.npy 200000 2 200000
	pages recon m.aem x.npy wanted.npy
	local isa
	for isa in generic avx2 avx512; do
		AE_ISA=$isa ae-recon -m m.aem x.npy 2>msg >got.aes || {
			grep -q AE_ISA msg
			continue
		}
		ae-cat --cols recon -o got.npy got.aes
		/usr/bin/python3 -c 'import numpy as np
a, b = np.load("got.npy"), np.load("wanted.npy")
assert (abs(a / b - 1) < 1e-6).all(), abs(a / b - 1).max()'
	done
}

@test "ae-train(1): the log, the weights and the moments of a training repeated from the page" {
	rows 6 50
	local options
	for options in '' '--batch 50' '--loss mae --seed 5' '--loss huber --decay 0.01' '--optimizer sgd --momentum 0.9' \
		'--optimizer adamw --weight-decay 0.01' '--schedule cosine --warmup 2' '--schedule step:2,0.5' \
		'--seed 12345678901234567'; do
		# shellcheck disable=SC2086 # words
		ae-train -q --net 6-4-3-4-6 --act tanh --epochs 5 --batch 16 --lr 0.01 $options --log log.csv -m m.aem x.npy
		pages train m.aem x.npy log.csv
	done
	ae-train -q --net 6-4-6 --hidden-act sigmoid --epochs 3 --log log.csv -m m.aem x.npy
	pages train m.aem x.npy log.csv
	ae-train -q --net 'dense 7 tanh dropout:0.3, dense 3 | dropout:0.1, dense 6' --epochs 3 --batch 20 --lr 0.01 \
		--seed 9 --log log.csv -m m.aem x.npy
	pages train m.aem x.npy log.csv
	ae-normalize --fit standard x.npy | ae-train -q --net 6-4-6 --epochs 3 --log log.csv -m m.aem
	pages train m.aem x.npy log.csv
}

@test "ae-train(1): --valid F holds out the last rows, their number rounded up" {
	rows 6 50
	ae-cat x.npy --head 44 -o head.npy
	ae-cat x.npy --tail 6 -o tail.npy
	ae-train -q --net 6-3-6 --epochs 2 --valid 0.101 --log a.csv -m a.aem x.npy
	ae-train -q --net 6-3-6 --epochs 2 --valid tail.npy --log b.csv -m b.aem head.npy
	cmp a.csv b.csv
	cmp a.aem b.aem
	pages train a.aem head.npy a.csv
	# After the epochs, as a trained model computes it.
	ae-recon -m a.aem tail.npy | ae-err --metric mse | ae-cat -c --cols err |
		awk -F, 'NR > 1 { sum += $1; n++ } END { printf "%.12g\n", sum / n }' >mean
	tail -n 1 a.csv | cut -d, -f3 | awk '{ getline mean <"mean"; exit !(($1 - mean) ^ 2 < 1e-12) }'
}
