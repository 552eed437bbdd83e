#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A few of the faults and kills of `make faults`: whichever call fails, a program recovers or says so.
load helpers

@test "faults: every program has a command line to inject them into" {
	local program
	for program in "$ROOT"/filters/*.c; do
		program=$(basename "$program" .c)
		grep -qE "^([a-z.]+<)*$program " "$ROOT/tests/tools/fault_commands.py" || {
			echo "$program has no line in tests/tools/fault_commands.py"
			return 1
		}
	done
}

@test "faults: of 400 injected ones, and 18 kills, none leaves what looks whole, and none passes without a word" {
	unsanitized 'what is preloaded comes before its own malloc'
	python3 "$ROOT/tests/tools/faults.py" --faults 400 --kills 18 faults >table.txt
	cat table.txt
	set -- "$ROOT"/filters/*.c
	[ "$(wc -l <table.txt)" -eq $(($# + 3)) ] # a row for every program, heads, kills and the sum
}
