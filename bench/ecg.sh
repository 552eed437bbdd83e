#!/bin/bash
# SPDX-License-Identifier: MIT
# The heartbeat experiment, these programs against PyTorch: bench/ecg.sh [ecg.csv]
#
# Both do the whole job from the CSV file to the measures of the test rows: read, split, scale, train, fit the threshold,
# score, measure. They take turns (ours, PyTorch with one thread, PyTorch with two, ours, ...), so that a machine that
# speeds up or slows down does it to both. Time is wall clock; a ratio is PyTorch's by ours of the same turn.
#
# - whole job: processes from start to end, PyTorch's imports included.
# - training: ours is the whole ae-train process (start, reading the scaled rows, 20 epochs, writing the model) from a
#   prepared stream file; PyTorch's is its training loop alone, by its own clock, in a process that has read the data.
#
# RUNS turns (7); AE_BUILD, the folder with the programs; PYTHON, the interpreter that Debian's packages serve.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${AE_BUILD:-$here/../build}
python=${PYTHON:-/usr/bin/python3}
runs=${RUNS:-7}
export PATH=$build:$PATH

if ! "$python" -c 'import torch, sklearn, pandas' 2>/dev/null; then
	echo "bench/ecg.sh: skipped: $python has no torch, sklearn or pandas (Debian: python3-torch python3-sklearn python3-pandas)"
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -gt 0 ]; then
	csv=$1
	beats=$1
else
	csv=$work/ecg.csv
	beats='made-up beats'
	"$build/examples/heartbeats" >"$csv"
fi

# seconds NAME COMMAND...: appends the command's wall-clock time to the file NAME.
seconds() {
	local name=$1 begin end
	shift
	begin=$EPOCHREALTIME
	"$@"
	end=$EPOCHREALTIME
	awk -v a="$begin" -v b="$end" 'BEGIN { printf "%.6f\n", b - a }' >>"$work/$name"
}

train() {
	ae-train --where label=1 --net 140-32-16-8-16-32-140 --hidden-act relu --out-act sigmoid \
		--loss mae --epochs 20 --batch 512 -q -m "$work/ecg.aem" "$@"
}

ours() {
	ae-split -H --label -1 --test 0.2 --seed 21 -o "$work/train.aes" --test-out "$work/test.aes" "$csv"
	ae-normalize --fit minmax --per tensor "$work/train.aes" | train -
	ae-normalize -m "$work/ecg.aem" "$work/train.aes" | ae-cat --where label=1 | ae-recon -m "$work/ecg.aem" | ae-err |
		ae-thresh --fit sigma:1 -m "$work/ecg.aem"
	ae-normalize -m "$work/ecg.aem" "$work/test.aes" | ae-recon -m "$work/ecg.aem" | ae-err |
		ae-thresh -O aest -m "$work/ecg.aem" | ae-metrics --normal 1
}

peer() {
	"$python" "$here/torch_ecg.py" --threads "$1" "$csv" >"$work/peer.txt"
	awk '$1 == "training" { print $2 }' "$work/peer.txt" >>"$work/training.torch$1"
}

# One turn unmeasured: disk caches.
ours >"$work/ours.txt"
peer 1
rm "$work/training.torch1"
ae-normalize --fit minmax --per tensor -o "$work/scaled.aes" "$work/train.aes"

for ((turn = 0; turn < runs; turn++)); do
	seconds whole.ours ours >"$work/ours.txt"
	seconds whole.torch1 peer 1
	seconds training.ours train "$work/scaled.aes"
	seconds whole.torch2 peer 2
done

median() {
	sort -g "$@" | awk '{ a[NR] = $1 } END { print (a[int((NR + 1) / 2)] + a[int(NR / 2) + 1]) / 2 }'
}

echo "bench/ecg.sh: $beats, $(wc -l <"$csv") rows, $runs turns on $(nproc) processors: $(sed -n "s/^model name[^:]*: //p" /proc/cpuinfo | head -n 1)"
for what in whole training; do
	best=torch1
	if awk -v a="$(median "$work/$what.torch2")" -v b="$(median "$work/$what.torch1")" 'BEGIN { exit !(a < b) }'; then
		best=torch2
	fi
	paste "$work/$what.$best" "$work/$what.ours" | awk '{ print $1 / $2 }' | sort -g >"$work/ratios"
	printf '%-9s ours %.4f s, PyTorch %.4f s (%s thread%s, the better of 1 and 2); ratio %.2f (%.2f to %.2f)\n' \
		"$what" "$(median "$work/$what.ours")" "$(median "$work/$what.$best")" "${best#torch}" \
		"$([ $best = torch1 ] || echo s)" \
		"$(median "$work/ratios")" "$(head -n 1 "$work/ratios")" "$(tail -n 1 "$work/ratios")"
done
printf '\nours:\n'
sed 's/^/    /' "$work/ours.txt"
printf 'PyTorch:\n'
sed 's/^/    /' "$work/peer.txt"
