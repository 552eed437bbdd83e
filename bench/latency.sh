#!/bin/bash
# SPDX-License-Identifier: MIT
# How long one row takes from CSV to verdict through four filters, beside four processes that only copy, and beside one
# process of Python that does the same work with NumPy: bench/latency.sh
#
# Two networks, 8-6-3-6-8 and 140-32-16-8-16-32-140. The pipelines take turns, ROWS rows each (2000). Those of Python are
# left out where PYTHON (/usr/bin/python3) has no NumPy and msgpack.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${AE_BUILD:-$here/../build}
python=${PYTHON:-/usr/bin/python3}
rows=${ROWS:-2000}
if [ ! -x "$build/bench/bench_latency" ]; then
	echo "bench/latency.sh: no $build/bench/bench_latency: make bench builds it" >&2
	exit 1
fi
export PATH=$build:$build/bench:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# model COLUMNS NET: rows.csv, and m.aem with a threshold.
model() {
	awk -v columns="$1" 'BEGIN {
		srand(3)
		for (row = -1; row < 2000; row++) {
			line = ""
			for (k = 1; k <= columns; k++)
				line = line (k > 1 ? "," : "") (row < 0 ? "c" k : sprintf("%.3f", 10 * (k % 9) + sin(row / 20 + k) + rand() / 10))
			print line
		}
	}' >rows.csv
	ae-normalize -q --fit standard -o n.aes rows.csv
	ae-train -q --net "$2" --epochs 2 -m m.aem n.aes
	ae-recon -m m.aem n.aes | ae-err | ae-thresh -q --fit quantile:0.99 -m m.aem >threshold.txt
}

# compare COLUMNS NET
compare() {
	local ours='ae-normalize -m m.aem | ae-recon -m m.aem | ae-err | ae-thresh -m m.aem'
	local bare='bench_latency copy | bench_latency copy | bench_latency copy | bench_latency copy'
	local chains=('four bare processes' "$bare" 'four filters' "$ours")
	model "$1" "$2"
	if "$python" -c 'import numpy, msgpack' 2>/dev/null; then
		export python here
		# shellcheck disable=SC2016 # for the shell that runs it
		chains+=('Python, one process' 'exec "$python" "$here/peers/numpy_rows.py" m.aem')
		sh -c "$ours" <rows.csv | cut -d , -f 2 >ours.txt
		"$python" "$here/peers/numpy_rows.py" m.aem <rows.csv | cut -d , -f 2 | cmp - ours.txt
	fi
	echo "$2"
	bench_latency rows.csv "$rows" "${chains[@]}"
}

compare 8 8-6-3-6-8
compare 140 140-32-16-8-16-32-140
