#!/bin/bash
# SPDX-License-Identifier: MIT
# Training speed on images, these programs against PyTorch and oneDNN: bench/images.sh (after `make bench` built them)
#
# - fashion: dense 784-64-784. denoiser: two convolutions and the way back, 28x28x1. photos: three convolutions with
#   batch normalisation, a dense code of 32 and the way back, 256x256x3. MSE, Adam, batches of 32, random numbers.
# - PyTorch trains the same networks. A step is gathering the batch, forward, loss, backward and Adam on both sides; the
#   medians of the timed steps are compared.
# - oneDNN does a step's convolutions alone, each in the memory layout it likes best: the sum of each one's best time is
#   compared with the best of our whole steps.
#
# They take turns (ours with one thread, ours with two, PyTorch with one, ...), so that a machine that speeds up or
# slows down does it to all. A side's time is the better of its two; a ratio is the peer's by ours of the same turn.
#
# RUNS turns (3); AE_BUILD, the folder with the programs; PYTHON, the interpreter that Debian's packages serve.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${AE_BUILD:-$here/../build}
python=${PYTHON:-/usr/bin/python3}
runs=${RUNS:-3}
declare -A epoch=([fashion]=1875 [denoiser]=1875 [photos]=25.5)

peers=
if "$python" -c 'import torch' 2>/dev/null; then
	peers=torch
else
	echo "bench/images.sh: PyTorch skipped: $python has no torch (Debian: python3-torch)"
fi
if [ -x "$build/bench/onednn_conv" ]; then
	peers="$peers onednn"
else
	echo "bench/images.sh: oneDNN skipped: no $build/bench/onednn_conv (Debian: libdnnl-dev g++)"
fi
[ -n "$peers" ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# timed SIDE WORKLOAD THREADS COMMAND...: appends the seconds a step to files of the median and of the best.
timed() {
	local name=$1.$2.$3 line fields
	shift 3
	line=$("$@")
	read -ra fields <<<"$line"
	echo "${fields[3]}" >>"$work/$name.median"
	echo "${fields[4]}" >>"$work/$name.best"
}

turn() {
	local threads
	for threads in 1 2; do
		timed ours "$1" $threads "$build/bench/bench_train" "$1" $threads
	done
	for threads in 1 2; do
		[[ $peers != *torch* ]] ||
			timed torch "$1" $threads "$python" "$here/torch_images.py" --threads $threads "$1"
	done
	for threads in 1 2; do
		[[ $1 = fashion || $peers != *onednn* ]] ||
			timed onednn "$1" $threads env OMP_NUM_THREADS=$threads "$build/bench/onednn_conv" "$1"
	done
}

median() {
	sort -g "$@" | awk '{ a[NR] = $1 } END { print (a[int((NR + 1) / 2)] + a[int(NR / 2) + 1]) / 2 }'
}

# better SIDE WORKLOAD STEP: the file of the thread count that is faster over all turns.
better() {
	local file=$work/$1.$2
	if awk -v a="$(median "$file.1.$3")" -v b="$(median "$file.2.$3")" 'BEGIN { exit !(a <= b) }'; then
		echo "$file.1.$3"
	else
		echo "$file.2.$3"
	fi
}

# compare WORKLOAD PEER NAME STEP
compare() {
	local side seconds=()
	for side in ours.$1.1 ours.$1.2 "$2.$1.1" "$2.$1.2"; do
		seconds+=("$(awk -v a="$(median "$work/$side.$4")" -v b="${epoch[$1]}" 'BEGIN { print a * b }')")
	done
	paste "$(better "$2" "$1" "$4")" "$(better ours "$1" "$4")" | awk '{ print $1 / $2 }' | sort -g >"$work/ratios"
	printf '%-9s %6s  %-7s  %-6s  %7.3f %7.3f  %7.2f %7.2f  %.2f (%.2f to %.2f)\n' "$1" "${epoch[$1]}" "$3" "$4" \
		"${seconds[@]}" "$(median "$work/ratios")" "$(head -n 1 "$work/ratios")" "$(tail -n 1 "$work/ratios")"
}

for ((i = 0; i < runs; i++)); do
	for workload in fashion denoiser photos; do
		[[ $workload = fashion && $peers != *torch* ]] || turn $workload
	done
done

echo "bench/images.sh: seconds an epoch with 1 and with 2 threads, $runs turns on $(nproc) processors: $(sed -n "s/^model name[^:]*: //p" /proc/cpuinfo | head -n 1)"
printf '%-9s %6s  %-7s  %-6s  %7s %7s  %7s %7s  %s\n' network steps peer step 'ours 1' 'ours 2' 'peer 1' 'peer 2' \
	'ratio of the better of each'
for workload in fashion denoiser photos; do
	[[ $peers != *torch* ]] || compare $workload torch PyTorch median
	[[ $workload = fashion || $peers != *onednn* ]] || compare $workload onednn oneDNN best
done
