#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Fuzzing: what the targets of tests/fuzz hold true does so for all inputs of their corpora, those that once failed too.
load helpers

@test "fuzzing: every target runs its corpus" {
	local source target files
	for source in "$ROOT"/tests/fuzz/fuzz_*.c; do
		target=$(basename "$source" .c)
		files=("$ROOT/tests/fuzz/corpus/${target#fuzz_}"/*)
		timeout 300 "$AE_BUILD/fuzz/$target" "${files[@]}" 2>log || {
			echo "$target:"
			tail -n 20 log
			return 1
		}
		[ "${#files[@]}" -ge 5 ] && [ "$(tail -n 1 log)" = "${#files[@]} inputs" ]
	done
}

@test "fuzzing: a target that fails is counted, and the status is 1" {
	mkdir out
	cat >fuzz_late <<-'END'
		#!/bin/sh
		for arg; do
			case $arg in -artifact_prefix=*) : >"${arg#*=}timeout-x" ;; esac
		done
		exit 70
	END
	printf '#!/bin/sh\nexit 1\n' >fuzz_dead
	chmod +x fuzz_late fuzz_dead
	run -1 "$ROOT/tests/fuzz/run" . out 5 late dead
	[[ ${lines[1]} =~ ^late\ .*\ 0\ +1$ ]]
	[[ ${lines[2]} =~ ^dead\ .*\ 1\ +0$ ]]
}
