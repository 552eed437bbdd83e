#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Whoever runs an example in a checkout finds nothing new in `git status`, and nothing at all after `make clean`.
load helpers
load photos

# A checkout of its own: the files that git knows, and those about to be added.
setup() {
	command -v git >/dev/null || skip 'no git'
	git -C "$ROOT" rev-parse --git-dir >/dev/null 2>&1 || skip 'the sources are no checkout of git'
	helpers_setup
	git -C "$ROOT" ls-files -z --cached --others --exclude-standard -- Makefile README.md .gitignore examples |
		(cd "$ROOT" && xargs -0 cp --parents -t "$BATS_TEST_TMPDIR")
	git init -q .
	git add -A
	git -c user.name=test -c user.email=test@localhost commit -q -m tree
}

example() {
	make --no-print-directory -C "examples/$1" AE="$AE_BUILD" "${@:2}" >out.log 2>err.log || {
		cat err.log
		return 1
	}
	[ -s out.log ]
	rm out.log err.log
}

# clean_tree NAME: nothing that git would add; after `make clean` nothing that it ignores either.
clean_tree() {
	[ -n "$(git status --porcelain --ignored)" ] # something was made
	[ -z "$(git status --porcelain)" ] || {
		git status --porcelain
		return 1
	}
	make -s -C "examples/$1" AE="$AE_BUILD" clean
	[ -z "$(git status --porcelain --ignored)" ] || {
		git status --porcelain --ignored
		return 1
	}
}

@test "leftovers: examples/ecg" {
	example ecg HEARTBEATS='-n 400' FIT='--epochs 2' SEEDS='0 1' show seeds compress denoise LINEAR='--net 140-8-140 --epochs 1'
	clean_tree ecg
}

@test "leftovers: examples/ecg-batchnorm" {
	example ecg-batchnorm HEARTBEATS='-n 800 -s 2' SEEDS='0 1' RANGE=0,1 \
		FIT='--loss mae --epochs 20 --batch 32 --patience 20' show seeds
	clean_tree ecg-batchnorm
}

@test "leftovers: the Fashion-MNIST examples" {
	[ -e /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ] || skip 'dataset-fashion-mnist is not installed'
	local name
	for name in fashion-compress fashion-denoise; do
		example $name ROWS=300 FIT='--epochs 1' SEEDS=0
		clean_tree $name
	done
}

@test "leftovers: examples/template" {
	ecg_synthetic 300 >"$BATS_TEST_TMPDIR.csv"
	example template DATA="$BATS_TEST_TMPDIR.csv" READ='-H --label -1' NORMAL=1 EPOCHS=2
	clean_tree template
}

@test "leftovers: examples/leaves" {
	mkdir "$BATS_TEST_TMPDIR.leaves"
	cd "$BATS_TEST_TMPDIR.leaves"
	photos 40 8 4
	cd "$BATS_TEST_TMPDIR"
	small_leaves examples/leaves "$BATS_TEST_TMPDIR.leaves/photos" >"$BATS_TEST_TMPDIR.log" 2>&1
	clean_tree leaves
}

@test "leftovers: the README's pipeline, run at the top of the checkout" {
	ecg_synthetic 300 >"$BATS_TEST_TMPDIR.csv"
	sed -n '/^# train: the last/,/^```/p' README.md | sed "/^\`\`\`/d; s|ecg\.csv|$BATS_TEST_TMPDIR.csv|" >"$BATS_TEST_TMPDIR.sh"
	bash -eo pipefail "$BATS_TEST_TMPDIR.sh" >"$BATS_TEST_TMPDIR.out" 2>&1
	[ -e ecg.aem ]
	[ -z "$(git status --porcelain)" ]
}
