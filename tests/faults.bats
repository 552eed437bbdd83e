#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A few of the faults of `make faults`: whichever call fails, a program recovers or says so.
load helpers

@test "faults: of 400 injected ones every program recovers, or it says why it fails and leaves nothing that looks whole" {
	if nm -D "$AE_BUILD/ae-cat" 2>/dev/null | grep -q __asan_init; then
		skip 'sanitizers have their own malloc'
	fi
	python3 "$ROOT/tests/tools/faults.py" --faults 400 faults >table.txt
	cat table.txt
	[ "$(wc -l <table.txt)" -eq 16 ] # a row for every program
}
