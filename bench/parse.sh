#!/bin/bash
# SPDX-License-Identifier: MIT
# JSON lines and MessagePack into a stream, against a parse by yajl and by msgpack-c that makes nothing: bench/parse.sh
#
# Rows are maps of 12 numbers with 2 to 4 digits behind the point. ae-cat's time is all of it, reading, roles, numbers and
# AEST to /dev/null; that of bench/bench_parse.c is reading and the parser alone. They take turns; a ratio is the parser's
# by ours of the same turn, in user time of the processor, and the median of RUNS turns (7) is printed. "other order": the
# keys of every second row come in another order than those of the first, so that none is where it is expected. "arrays": an id
# and an array of 140 numbers, a tenth as many rows.
#
# AE_BUILD is the folder with the programs, ROWS how many rows there are (200,000).
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${AE_BUILD:-$here/../build}
runs=${RUNS:-7} rows=${ROWS:-200000}
for program in ae-cat bench/bench_parse; do
	if [ ! -x "$build/$program" ]; then
		echo "bench/parse.sh: no $build/$program: make bench builds it" >&2
		exit 1
	fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%U

awk -v rows="$rows" 'BEGIN {
	n = split("temp flow pressure vib_x vib_y vib_z volt amp rpm level hum ph", name)
	srand(1)
	for (i = 0; i < rows; i++) {
		line = ""
		for (k = 1; k <= n; k++)
			line = line sprintf("%s\"%s\":%.*f", k > 1 ? "," : "", name[k], 2 + int(3 * rand()), 40 * rand() - 5)
		print "{" line "}"
	}
}' >"$work/in.json"
awk 'NR % 2 == 0 { n = split(substr($0, 2, length($0) - 2), part, ","); line = part[n]
	for (k = n - 1; k > 0; k--) line = line "," part[k]; print "{" line "}"; next } 1' "$work/in.json" >"$work/mixed.json"
"$build/ae-cat" -O msgpack "$work/in.json" >"$work/in.msgpack"
awk -v rows="$((rows / 10))" 'BEGIN {
	srand(2)
	for (i = 0; i < rows; i++) {
		line = ""
		for (k = 1; k <= 140; k++)
			line = line sprintf("%s%.3f", k > 1 ? "," : "", 4 * rand() - 2)
		print "{\"id\":\"" i "\",\"x\":[" line "]}"
	}
}' >"$work/array.json"
"$build/ae-cat" -O msgpack "$work/array.json" >"$work/array.msgpack"

# user COMMAND...: its user time in seconds.
user() {
	{ time "$@" >/dev/null; } 2>&1
}

# compare WHAT KIND FILE
compare() {
	local ours peer
	for ((i = 0; i < runs; i++)); do
		ours=$(user "$build/ae-cat" "$3")
		peer=$(user "$build/bench/bench_parse" "$2" "$3")
		echo "$ours $peer"
	done | awk '{ print $2 / ($1 > 0 ? $1 : 0.001), $1, $2 }' | sort -g |
		awk -v what="$1" '{ r[NR] = $1; o[NR] = $2; p[NR] = $3 } END {
			m = int((NR + 1) / 2)
			printf "%-24s ours %.3f s, the parser alone %.3f s, ratio %.2f (%.2f to %.2f)\n", what, o[m], p[m], r[m], r[1], r[NR]
		}'
}

grep -m 1 'model name' /proc/cpuinfo | cut -d: -f2- | sed 's/^ *//' || true
compare 'JSON lines' json "$work/in.json"
compare 'JSON, other order' json "$work/mixed.json"
compare 'JSON, arrays of 140' json "$work/array.json"
compare 'MessagePack' msgpack "$work/in.msgpack"
compare 'MessagePack, arrays' msgpack "$work/array.msgpack"
