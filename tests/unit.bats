#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The library's unit tests, C programs in tests/unit/, each its own test here.
load helpers

unit() {
	[ -x "$AE_BUILD/unit/test_$1" ] || {
		echo "make unit"
		return 1
	}
	"$AE_BUILD/unit/test_$1"
}

@test "unit: every test of tests/unit/ stands below" {
	local file
	for file in "$ROOT"/tests/unit/test_*.c; do
		file=$(basename "$file" .c)
		grep -qx "@test \"unit: .*\" { unit ${file#test_}; }" "$BATS_TEST_FILENAME" || {
			echo "$file is missing"
			return 1
		}
	done
}

@test "unit: convolution kernels against plain loops, every instruction set" { unit conv; }
# bats test_tags=threads
@test "unit: convolutions, batchnorm, dropout, pooling against PyTorch" { unit convnet; }
# bats test_tags=threads
@test "unit: random networks: gradients, threads, evaluation against inference" { unit fuzz_networks; }
@test "unit: the tables of formats, and streams that are read whole" { unit format; }
@test "unit: episodes against a plain twin" { unit episodes; }
@test "unit: the quick ways of AEST against the plain ones" { unit aest; }
@test "unit: scores of several rows at once against those of single ones" { unit score_rows; }
@test "unit: plain lines of CSV against the parser of all lines" { unit csv_plain; }
@test "unit: rows put aside, and read in other orders" { unit spool; }
@test "unit: decimal text compared by value" { unit decimal; }
@test "unit: decimal text to numbers against strtod" { unit number_parse; }
@test "unit: the shortest texts of numbers against a plain twin" { unit number_format; }
# bats test_tags=threads
@test "unit: gradients of every layer, activation and loss against central differences" { unit gradients; }
@test "unit: convolution kernels on random shapes, every kernel set" { unit fuzz_conv; }
@test "unit: dense kernels on random sizes, every kernel set" { unit fuzz_dense; }
@test "unit: kernels against plain loops, every instruction set" { unit kernels; }
# bats test_tags=threads
@test "unit: activations and losses against a plain network" { unit layers; }
# bats test_tags=threads
@test "unit: training with missing values against a plain computation" { unit mask; }
@test "unit: metrics against scikit-learn" { unit metrics; }
@test "unit: amounts of memory, and the limits of control groups" { unit memory; }
@test "unit: model files, every cut and every flipped bit" { unit model; }
@test "unit: messages, counts that lie, checksums" { unit msgpack; }
@test "unit: moments, value by value and merged" { unit moments; }
@test "unit: networks from text" { unit net; }
@test "unit: option tables" { unit opt; }
@test "unit: names, values and scalers in another order" { unit order; }
@test "unit: lists of preparation, and scalers of groups" { unit prep; }
@test "unit: sorting and median deviations against plain ones" { unit quantile; }
@test "unit: output files appear whole or not at all" { unit outfile; }
@test "unit: models of --reload, by the memory that they need" { unit reload; }
@test "unit: random numbers" { unit rng; }
@test "unit: scalers against scikit-learn" { unit scaler; }
@test "unit: the minute's save of a series is never ahead of the output" { unit series; }
# bats test_tags=threads
@test "unit: training runs: reports, stops, patience, error statistics" { unit session; }
@test "unit: splits against scikit-learn" { unit split; }
@test "unit: streams, every cut, every flipped bit, random damage" { unit stream; }
@test "unit: controls and bytes that are no UTF-8 as escapes" { unit text; }
@test "unit: vectors of checks and conversions against single values" { unit tensor; }
# bats test_tags=threads
@test "unit: threads that share a network" { unit threads; }
@test "unit: thresholds against NumPy" { unit threshold; }
@test "unit: exact sums and rolling statistics against plain loops" { unit rolling; }
@test "unit: times and durations against Python" { unit timestamp; }
# bats test_tags=threads
@test "unit: training against PyTorch" { unit train; }
@test "unit: 128-bit integers made of two halves against those of the compiler" { unit wide; }
