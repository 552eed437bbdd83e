#!/bin/bash
# SPDX-License-Identifier: MIT
# How fast ae-window makes windows: 8 columns of f32, 32 rows each, into a pipe, of all rows and of 100 groups.
#
# A figure is the bytes of the windows by the processor time of ae-window, user and system: what one core makes in a
# second. The median of RUNS (5), over ROWS rows (500000); AE_BUILD, the folder with the programs.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${AE_BUILD:-$here/../build}
rows=${ROWS:-500000}
runs=${RUNS:-5}
export PATH=$build:$PATH TIMEFORMAT='%U %S'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk -v rows="$rows" 'BEGIN {
	srand(1)
	print "machine,a,b,c,d,e,f,g,h"
	for (i = 0; i < rows; i++) {
		printf "m%d", i * 7 % 100
		for (c = 0; c < 8; c++) printf ",%.4f", rand()
		print ""
	}
}' | ae-cat --pass machine --f32 -o "$work/rows.aes"

# windows NAME OPTION...
windows() {
	local run
	for ((run = 0; run < runs; run++)); do
		{ time ae-window -q --size 32 "${@:2}" "$work/rows.aes"; } 2>>"$work/$1" | cat >/dev/null
	done
	sort -k 1n,1 -k 2n "$work/$1" | awk -v name="$1" -v bytes=$((rows * 8 * 32 * 4)) '
		{ seconds[NR] = $1 + $2 }
		END { s = seconds[int((NR + 1) / 2)]
		      printf "%-12s %8.3f s %8s GB/s a core\n", name, s, (s > 0 ? sprintf("%.2f", bytes / s / 1e9) : "-") }'
}
windows windows
windows groups --group machine
