#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The directions of the code: lib/LAYERS says which module may include which.
load helpers

# includes FILE...: "folder folder" for every #include of ours in another folder; all programs are the folder "filters".
includes() {
	local file folder
	for file; do
		folder=$(basename "$(dirname "$file")")
		sed -n "s/^#include \"\(.*\)\/.*\"\$/$folder \1/p" "$file"
	done | awk '$1 != $2'
}

# table: "folder folder" for every arrow that lib/LAYERS allows.
table() {
	sed '/^#/d; s/:/ /' lib/LAYERS | awk '{ for (i = 2; i <= NF; i++) print $1, $i }'
}

setup() {
	cd "$ROOT" || return
}

@test "every #include of lib/ and filters/ is in the table of lib/LAYERS" {
	includes lib/*/*.[ch] filters/*.[ch] | sort -u >"$BATS_TEST_TMPDIR/found"
	table | sort -u >"$BATS_TEST_TMPDIR/allowed"
	run comm -23 "$BATS_TEST_TMPDIR/found" "$BATS_TEST_TMPDIR/allowed"
	[ -z "$output" ]
}

@test "every #include of ours is written from lib/" {
	run grep -nE '#include "[^/]*"' lib/*/*.[ch] filters/*.[ch]
	[ "$status" -eq 1 ]
}

@test "the table lists every folder once, and nothing else" {
	{
		echo filters
		find lib -mindepth 1 -type d -printf '%f\n'
	} | sort >"$BATS_TEST_TMPDIR/folders"
	sed '/^#/d; s/:.*//' lib/LAYERS | sort | diff - "$BATS_TEST_TMPDIR/folders"
	[ "$(grep -vc '^#' lib/LAYERS)" -le 13 ]
}

@test "arrows point down only: no cycles" {
	# what only points to folders that come before it can be put in order; tsort says where it cannot
	table | awk '{ print $2, $1 }' | tsort >"$BATS_TEST_TMPDIR/order"
}

# reached FOLDER: every folder that it sees, whatever the number of steps.
reached() {
	table | awk -v from="$1" '
		{ sees[$1] = sees[$1] " " $2 }
		END {
			todo[1] = from
			for (n = 1; n in todo; n++)
				for (i = split(sees[todo[n]], next_to); i > 0; i--)
					if (!(next_to[i] in seen)) {
						seen[next_to[i]]
						todo[++last + 1] = next_to[i]
						print next_to[i]
					}
		}' | sort
}

@test "io and stream never see a network or a model; kernels, net, train, model and api never see a stream" {
	local folder
	for folder in io stream; do
		reached "$folder" >"$BATS_TEST_TMPDIR/reached"
		run grep -xE 'kernels|net|train|model|eval|plot|cli' "$BATS_TEST_TMPDIR/reached"
		[ "$status" -eq 1 ]
	done
	for folder in kernels net train model; do
		reached "$folder" >"$BATS_TEST_TMPDIR/reached"
		run grep -xE 'io|stream|eval|plot|cli' "$BATS_TEST_TMPDIR/reached"
		[ "$status" -eq 1 ]
	done
	# The public library: what a stream is, and what prints, is out of its sight.
	reached api >"$BATS_TEST_TMPDIR/reached"
	run grep -xE 'io|stream|eval|plot|cli' "$BATS_TEST_TMPDIR/reached"
	[ "$status" -eq 1 ]
	grep -qx model "$BATS_TEST_TMPDIR/reached"
	reached cli | grep -qx model
	[ "$(reached cli | wc -l)" -ge 8 ]
}

@test "csv.h, msgpack.h and cblas.h have one door each" {
	[ "$(grep -lE '#include <csv\.h>' lib/*/* filters/* tests/unit/*.[ch])" = lib/io/csv.c ]
	[ "$(grep -lE '#include <msgpack(\.h|/)' lib/*/* filters/* tests/unit/*.[ch])" = lib/core/msgpack.c ]
	[ "$(grep -lE '#include [<"](cblas|openblas/|lapack)' lib/*/* filters/* tests/unit/*.[ch])" = lib/train/blas.c ]
}

@test "programs do not include each other" {
	run grep -nE '#include "(ae-|.*\.c")' filters/*
	[ "$status" -eq 1 ]
}

@test "the library returns errors: only programs exit" {
	# and the process of ours that writes a state
	run grep -nE '\b(exit|_exit|_Exit|quick_exit|abort|assert|errx?|perror)\(' lib/*/*.c
	[[ $output =~ ^lib/cli/series\.c:[0-9]+:[[:space:]]+_exit\(save\( ]]
	[ "${#lines[@]}" -eq 1 ]
}

# printing FILE...: the files that write to standard output or standard error by C's functions for it.
printing() {
	grep -lE '\b(v?[fd]?printf|puts|putchar|fputs|f?putc|perror|psignal|v?warnx?)\(|[(, ]std(out|err)\b|\bwrite\((2|STDERR_FILENO)\b' "$@"
}

@test "only cli prints; to standard output only help, what ae-info describes, ae-thresh fits and ae-metrics measures" {
	# to see that printing() finds something
	[ "$(printing lib/cli/*.[ch] | wc -l)" -ge 4 ]
	run bash -c "$(declare -f printing); printing lib/*/*.[ch] | grep -v '^lib/cli/'"
	[ -z "$output" ]
	run bash -c "grep -lE '\\b(printf|puts|putchar|vprintf)\\(|[(, ]stdout\\b' lib/*/*.c | grep -vE '^lib/cli/(opt|program|describe|describe_net|fit_threshold|compare_thresholds|measure)\\.c\$'"
	[ -z "$output" ]
}

# sources: every C file of ours.
sources() {
	find lib filters tests/unit tests/tools bench examples -name '*.[ch]' -not -path '*/out/*' | sort
}

@test "every source begins with its licence and, on the next line, what it is for" {
	[ "$(sources | wc -l)" -gt 150 ]
	# shellcheck disable=SC2046 # names without spaces
	run awk '
		FNR == 1 && $0 != "/* SPDX-License-Identifier: MIT */" { print FILENAME ": no licence line" }
		FNR == 2 && !(/^\/\* [^ ]/ && length > 20) { print FILENAME ": no line on what it is for" }' $(sources)
	[ -z "$output" ]
	run grep -L 'SPDX-License-Identifier: MIT' Makefile setup.sh .ci/run .gitignore tests/*.bash tests/*.bats man/*.[1357] \
		examples/*.mk examples/*/Makefile bench/*.sh
	[ "$output" = .gitignore ]
}

@test "files of filters/ have at most 250 lines, half of them at most 170" {
	wc -l filters/*.c | sed '$d' | sort -n >"$BATS_TEST_TMPDIR/lines"
	awk '$1 > 250 { print; bad = 1 } END { exit bad }' "$BATS_TEST_TMPDIR/lines"
	awk '{ n[NR] = $1 } END { print "median " n[int((NR + 1) / 2)]; exit n[int((NR + 1) / 2)] > 170 }' "$BATS_TEST_TMPDIR/lines"
}

@test "no function has more than 60 lines, the rows of option tables aside" {
	# shellcheck disable=SC2046 # names without spaces
	run awk '
		FNR == 1 { start = table = 0 }
		/^\{/ { start = FNR; rows = table = 0 }
		start && /struct ae_opt [a-z_]+\[\] = \{$/ { table = 1 }
		table { rows++; if (/^\t\};$/) table = 0 }
		/^\}/ && start {
			if (FNR - start + 1 - rows > 60) print FILENAME ":" start ": " FNR - start + 1 - rows " lines"
			start = 0
		}' $(sources)
	[ -z "$output" ]
}

# words FILE...: what stands between single backquotes outside of fenced blocks, a line each; without patterns with NAME,
# and without the files that a recipe makes.
words() {
	awk '
		/^```/ { fenced = !fenced; next }
		fenced || /^`[^`]*`:$/ { next }
		{ for (n = split($0, part, "`"); n > 1; n--) if (n % 2 == 0 && part[n] !~ /NAME/) print part[n] }' "$@"
}

@test "names and paths in lib/README.md and CONTRIBUTING.md exist" {
	local name file bad=''
	words lib/README.md CONTRIBUTING.md | grep -oE '\b(ae|AE)_[A-Za-z0-9_]*[A-Za-z0-9]\b' | sort -u >"$BATS_TEST_TMPDIR/names"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/names")" -gt 20 ]
	while read -r name; do
		grep -rqw --include='*.[ch]' -- "$name" lib filters tests/unit || bad+=" $name"
	done <"$BATS_TEST_TMPDIR/names"
	words lib/README.md CONTRIBUTING.md | grep -xE '[a-z.][A-Za-z0-9_./-]*(/|\.(c|h|md|sh|bash|bats|mk|1|5|7))' | sort -u \
		>"$BATS_TEST_TMPDIR/paths"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/paths")" -gt 20 ]
	while read -r file; do
		[ -e "$file" ] || [ -e "lib/$file" ] || bad+=" $file"
	done <"$BATS_TEST_TMPDIR/paths"
	[ -z "$bad" ] || {
		echo "not there:$bad"
		return 1
	}
}
