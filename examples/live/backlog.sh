#!/bin/sh
# SPDX-License-Identifier: MIT
# A large file on all processors: the same bytes as one process writes.
#
#   backlog.sh ROWS.csv MODEL VERDICTS.csv
#
# Needs GNU parallel. It cuts the rows into blocks (BLOCK, 10M) and puts the header before each; the streams of verdicts
# come back in order, and ae-cat joins them. JOBS says how many at a time.
# Trap: rows that depend on those before them, in windows, baselines and smoothed scores, must not be cut: one job for each
# group of rows then.
# Trap: text cannot say that a part of it is missing. So the parts are AEST, which has an end, and parallel's status counts.
set -eu
here=$(dirname "$0")
rows=$1
model=$2
verdicts=$3
parts=$verdicts.parts
trap 'rm -f "$parts"' EXIT
parallel -q -k --pipe --header : --block "${BLOCK:-10M}" ${JOBS:+-j "$JOBS"} --halt now,fail=1 \
	"$here/score.sh" "$model" -O aest <"$rows" >"$parts"
ae-cat -o "$verdicts" "$parts"
