#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# That what `make bench` measures still runs. How long it takes is no test.
load helpers

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p b/bench b/examples
	ln -s "$AE_BUILD"/ae-* "$AE_BUILD/libae.a" b
	ln -s "$AE_BUILD/examples/heartbeats" b/examples
}

# program NAME [FLAG...]: one of those that measure, as make builds it.
program() {
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O1 -pthread -o "b/bench/$1" "$ROOT/bench/$1.c" "${@:2}"
}

# works [NAME...]: their rows of the table, of few rows and one turn.
works() {
	AE_BUILD=$PWD/b PYTHON=${PYTHON:-/usr/bin/python3} python3 "$ROOT/bench" --scale 0.005 --turns 1 "$@" >out.md
}

@test "bench: every work runs, beside the peers that are here" {
	program bench_machine
	program bench_parse -lyajl -lmsgpackc
	# What trains needs the library's insides.
	printf '#!/bin/sh\necho 1e9\n' >b/bench/bench_train
	chmod +x b/bench/bench_train
	PYTHON=/no/python works
	[ "$(grep -c '^| [^ |]' out.md)" = 18 ]
	grep -qE '^\| f32 to CSV on one processor, 1,000 rows of 140 numbers \| [0-9.]+ [mu]?s \| ' out.md
	grep -qE '^\| AEST to verdicts, .* \| four processes that move as many bytes \| [0-9.]+ m?s \| [0-9.]+ \([0-9.]+ to [0-9.]+\) \| [0-9]+% of the bytes through pipes \| [0-9]+ MiB \|$' out.md
	grep -q '^Not installed, and left out: .*PyTorch.* (make bench-deps)$' out.md
}

@test "bench: the peers that are here do the same work" {
	program bench_machine
	if "${CXX:-c++}" -std=c++17 -O1 -o b/bench/to_chars "$ROOT/bench/peers/to_chars.cpp"; then
		works csv-out-f64
		grep -qE '^\| f64 to CSV .* \| std::to_chars \| ' out.md
		printf '1,2.5\n-0.1,1e-7\n' | ae-cat -H -o x.npy -
		[ "$(b/bench/to_chars x.npy 2)" = "$(ae-cat -c x.npy | tail -n +2)" ]
	fi
	works split csv-in
	grep -qE '^\| \| \| pandas.read_csv|pandas.read_csv' out.md
	grep -q 'pandas and scikit-learn' out.md
}

@test "bench: a work that does not exist, and one that fails" {
	program bench_machine
	run -1 python3 "$ROOT/bench" speed
	[[ $output == 'bench: no work speed; there are csv-verdicts, '* ]]
	rm b/ae-window
	printf '#!/bin/sh\necho broken >&2\nexit 1\n' >b/ae-window
	chmod +x b/ae-window
	AE_BUILD=$PWD/b run -1 python3 "$ROOT/bench" --scale 0.005 windows
	[[ $output == *'bench: failed: ae-window '*broken ]]
}

@test "bench/latency.sh: a row through each pipeline, with a gap and without" {
	program bench_latency
	AE_BUILD=$PWD/b ROWS=3 "$BASH" "$ROOT/bench/latency.sh" >out.txt
	[ "$(grep -cE '^  four bare processes +[0-9.]+ +[0-9.]+ +[0-9.]+$' out.txt)" = 4 ]
	[ "$(grep -cE '^  four filters +[0-9.]+ +[0-9.]+ +[0-9.]+ +[+-][0-9.]+ +[0-9.]+$' out.txt)" = 4 ]
}

@test "bench: the curves of growth" {
	command -v gnuplot >/dev/null || skip 'no gnuplot here'
	AE_BUILD=$PWD/b python3 "$ROOT/bench/growth.py" --most 1000 curve.svg >out.csv
	[ "$(grep -cE '^(rows,1000|columns,10+),[12],-?[0-9.]+,[0-9]+$' out.csv)" = 10 ]
	grep -q '</svg>' curve.svg
}
