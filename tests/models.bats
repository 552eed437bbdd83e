#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Models that version 0.1 wrote: they load, score the same bytes and are trained further to the same bytes.
load helpers

M=$ROOT/tests/expected/models-0.1

input() {
	case $1 in
	conv) echo "$M/images.aes" ;;
	mask) echo "$M/holes.aes" ;;
	*) echo "$M/rows.aes" ;;
	esac
}

# needs_avx2: training gives the same bytes on the same kind of processor only.
needs_avx2() {
	if [ -n "${AE_EMULATED-}" ] || ! grep -qw avx2 /proc/cpuinfo || ! grep -qw fma /proc/cpuinfo; then
		skip "trained with AVX2"
	fi
	export AE_ISA=avx2
}

# same_model FILE OLD: the file is the one of 0.1, but for losses and latent statistics, which that version did not store.
same_model() {
	ae-info "$1" | grep -q '^loss ' && "$(tool without_losses)" "$1" | cmp - "$2"
}

# scores_as_dense MODEL: rows have the errors of dense.aem, to the byte.
scores_as_dense() {
	ae-recon -m "$1" "$M/rows.aes" | ae-err --keep -o got.aes
	ae-recon -m "$M/dense.aem" "$M/rows.aes" | ae-err --keep -o wanted.aes
	cmp got.aes wanted.aes
}

@test "models of 0.1: reconstruction and score to the byte" {
	fma_or_skip
	local model
	for model in dense sgd conv mask strip threshold; do
		ae-recon -m "$M/$model.aem" "$(input $model)" | ae-err --keep -o $model.aes
		cmp $model.aes "$M/$model.err.aes"
	done
}

@test "models of 0.1: verdicts to the byte" {
	ae-thresh -m "$M/threshold.aem" -o verdicts.csv "$M/threshold.err.aes"
	cmp verdicts.csv "$M/threshold.csv"
}

@test "models of 0.1: --resume goes on to the same bytes" {
	needs_avx2
	local model
	for model in dense sgd conv mask threshold; do
		ae-train -q --resume "$M/$model.aem" --epochs 9 -m $model.9.aem "$(input $model)"
		same_model $model.9.aem "$M/$model.9.aem"
	done
}

@test "models of 0.1: training afresh gives the same bytes" {
	needs_avx2
	mkdir again
	cp "$M/make.sh" again
	again/make.sh
	local file
	for file in "$M"/*.txt "$M"/*.csv; do
		cmp "$file" "again/${file##*/}"
	done
	for file in "$M"/*.aes; do
		same_stream "$file" "again/${file##*/}"
	done
	for file in "$M"/*.aem; do
		same_model "again/${file##*/}" "$file"
	done
}

@test "models of 0.1: a stripped one holds no state to go on from" {
	expect_error 1 '*strip.aem: holds no state to go on from*' \
		ae-train --resume "$M/strip.aem" --epochs 9 -m m.aem "$M/rows.aes"
}

@test "models of 0.1: rewriting one with a threshold keeps all else" {
	cp "$M/dense.aem" m.aem
	ae-thresh --fit sigma:2 -m m.aem "$M/dense.err.aes" >/dev/null
	same "ae-info m.aem | grep -vE '^(model|threshold)'" "ae-info $M/dense.aem | grep -v '^model'"
	needs_avx2
	ae-train -q --resume m.aem --epochs 9 -m 9.aem "$M/rows.aes"
	same_model 9.aem "$M/dense.9.aem"
}

# sparkle FILE: the bytes of its training section's unknown setting, in hex.
sparkle() {
	od -An -v -tx1 "$1" | tr -d ' \n' | grep -o 'a7737061726b6c65.\{32\}'
}

@test "models: a training setting of a later version is no matter to scoring, kept on a rewrite, refused by --resume" {
	local later=$ROOT/tests/expected/later.aem
	scores_as_dense "$later"
	cp "$later" m.aem
	ae-thresh --fit sigma:2 -m m.aem "$M/dense.err.aes" >/dev/null
	run cmp -s m.aem "$later"
	[ "$status" -eq 1 ]
	[ -n "$(sparkle "$later")" ]
	[ "$(sparkle m.aem)" = "$(sparkle "$later")" ]
	expect_error 1 "*m.aem: was trained with the setting \"sparkle\", which this version does not know" \
		ae-train --resume m.aem --epochs 9 -m 9.aem "$M/rows.aes"
}

@test "models: an absent training setting has its default" {
	scores_as_dense "$ROOT/tests/expected/sparse.aem"
	needs_avx2
	ae-train -q --resume "$ROOT/tests/expected/sparse.aem" --epochs 9 -m 9.aem "$M/rows.aes"
	same_model 9.aem "$M/dense.9.aem"
}

@test "models: a training setting out of its option's bounds is no matter to scoring, and refused by --resume" {
	local expected=$ROOT/tests/expected
	scores_as_dense "$expected/lr.aem"
	expect_error 1 '*lr.aem: lr -1: expected a number from 0 to 1000000' \
		ae-train --resume "$expected/lr.aem" --epochs 9 -m 9.aem "$M/rows.aes"
	expect_error 1 '*slices.aem: slices *: expected a whole number from 0 to 65536' \
		ae-train --resume "$expected/slices.aem" --epochs 9 -m 9.aem "$M/rows.aes"
}
