#!/usr/bin/env bats
# The directions of the code: lib/LAYERS says which module may include which.
load helpers

# includes FILE...: "module include" for every #include of ours; all programs are the module "filters".
includes() {
	local file module
	for file; do
		module=$(basename "${file%.*}")
		case $file in filters/*) module=filters ;; esac
		sed -n "s/^#include \"\\(.*\\)\"\$/$module \\1/p" "$file"
	done
}

# table: "module include" for every one that lib/LAYERS allows.
table() {
	sed '/^#/d; s/:/ /' lib/LAYERS | awk '{ for (i = 2; i <= NF; i++) print $1, $i }'
}

setup() {
	cd "$ROOT" || return
}

@test "every #include of lib/ and filters/ is in the table of lib/LAYERS" {
	includes lib/*.[ch] filters/*.[ch] | sort -u >"$BATS_TEST_TMPDIR/found"
	{
		table | sed 's/$/.h/'
		for file in lib/*.h; do
			file=$(basename "$file" .h)
			echo "$file $file.h"
		done
	} | sort -u >"$BATS_TEST_TMPDIR/allowed"
	run comm -23 "$BATS_TEST_TMPDIR/found" "$BATS_TEST_TMPDIR/allowed"
	[ -z "$output" ]
}

@test "the table lists every module once, and nothing else" {
	run bash -c 'sed "/^#/d; /^\$/d; s/:.*//" lib/LAYERS | sort | uniq -d'
	[ -z "$output" ]
	{
		echo filters
		for file in lib/*.[ch]; do
			basename "${file%.*}"
		done
	} | sort -u >"$BATS_TEST_TMPDIR/modules"
	sed '/^#/d; /^$/d; s/:.*//' lib/LAYERS | sort | diff - "$BATS_TEST_TMPDIR/modules"
	table | cut -d' ' -f2 | sort -u | comm -23 - "$BATS_TEST_TMPDIR/modules" >"$BATS_TEST_TMPDIR/unknown"
	[ ! -s "$BATS_TEST_TMPDIR/unknown" ]
}

@test "arrows point down only: no cycles but between a module and its own parts" {
	# a module whose every include is gone goes too; what never goes is in a cycle
	table | awk '
		{
			if (index($1, $2 "_") == 1 || index($2, $1 "_") == 1)
				next
			needs[$1] = needs[$1] " " $2
			modules[$1]
			modules[$2]
		}
		END {
			do {
				changed = 0
				for (m in modules) {
					n = split(needs[m], need)
					for (i = 1; i <= n && need[i] in gone; i++)
						;
					if (i <= n)
						continue
					gone[m]
					delete modules[m]
					changed = 1
				}
			} while (changed)
			for (m in modules) {
				print "in a cycle: " m
				bad = 1
			}
			exit bad
		}'
}

@test "the stream side never sees a network or a model, and they never see a stream" {
	awk '
		/^# Used/ || /^# Between/ || /^# Programs/ { group = "" }
		/^# Streams/ { group = "streams" }
		/^# Networks/ || /^# Models/ { group = "networks" }
		/^#/ || /^$/ { next }
		{
			sub(/:/, "")
			side[$1] = group
			for (i = 2; i <= NF; i++)
				sees[$1, $i]
			modules[$1]
		}
		END {
			for (k in modules)
				for (a in modules)
					for (b in modules)
						if (((a, k) in sees) && ((k, b) in sees))
							sees[a, b]
			for (a in modules)
				for (b in modules)
					if (((a, b) in sees) && side[a] && side[b] && side[a] != side[b]) {
						print a " (" side[a] ") sees " b " (" side[b] ")"
						bad = 1
					}
			exit bad
		}' lib/LAYERS
	[ "$(grep -cE '^# (Streams|Networks|Models)' lib/LAYERS)" -eq 3 ]
}

@test "csv.h, msgpack.h and cblas.h have one door each" {
	[ "$(grep -lE '#include <csv\.h>' lib/* filters/* tests/unit/*.[ch])" = lib/csv_io.c ]
	[ "$(grep -lE '#include <msgpack(\.h|/)' lib/* filters/* tests/unit/*.[ch])" = lib/msgpack_io.c ]
	run grep -lE '#include [<"](cblas|openblas/|lapack)' lib/* filters/* tests/unit/*.[ch]
	[ "${#lines[@]}" -le 1 ]
}

@test "programs do not include each other" {
	run grep -nE '#include "(ae-|.*/|.*\.c")' filters/*
	[ "$status" -eq 1 ]
}

@test "the library returns errors: only programs exit" {
	run grep -nE '\b(exit|_exit|_Exit|quick_exit|abort|assert|errx?|perror)\(' lib/*.c
	[ "$status" -eq 1 ]
}

@test "the library prints to standard output only help, and the statistics of ae-info" {
	run bash -c "grep -lE '\\b(printf|puts|putchar|vprintf)\\(|[(, ]stdout\\b' lib/*.c | grep -vE '^lib/(opt|program|stats)\\.c\$'"
	[ -z "$output" ]
}
