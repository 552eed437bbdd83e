#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A few of the faults and kills of `make faults`: whichever call fails, a program recovers or says so.
load helpers

@test "faults: of 400 injected ones, and 18 kills, none leaves what looks whole, and none passes without a word" {
	unsanitized 'what is preloaded comes before its own malloc'
	python3 "$ROOT/tests/tools/faults.py" --faults 400 --kills 18 faults >table.txt
	cat table.txt
	[ "$(wc -l <table.txt)" -eq 17 ] # a row for every program
}
