#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The pipeline that the examples of series share, with the lengths that examples/lengths.c finds on training rows.
#
#   series.sh train LENGTHS ROWS.aes OPTION...          ae-train with these options on windows of the rows
#   series.sh score LENGTHS ROWS.aes MODEL METRIC       the smoothed score of every row, to standard output
#   series.sh chance ROWS.aes                           a random score of every row
#   series.sh row NAME VERDICTS.aes OPTION...           a line of a table: name, ROC-AUC, PR-AUC, best F1 of the test rows
set -euo pipefail

what=$1
shift

# baseline ROWS OPTION...: ae-transform with these options, or nothing where the baseline has 0 rows. It comes after the
# scaler: the unit is a column's own, not that of what the baseline leaves, which may be next to nothing.
baseline() {
	if [ "$1" -gt 0 ]; then
		ae-transform "${@:2}"
	else
		cat
	fi
}

case $what in
train)
	read -r _ window _ baseline <"$1"
	rows=$2
	shift 2
	ae-normalize -q --fit "${SCALE:-standard}" "$rows" | baseline "$baseline" --baseline "mean:$baseline" |
		ae-window --size "$window" --drop-incomplete | ae-train -q "$@"
	;;
score)
	read -r _ _ smoothing baseline <"$1"
	latent=() statistics=()
	case $4 in
	t2*) latent=(--latent) statistics=(-m "$3") ;;
	esac
	ae-normalize -m "$3" "$2" | baseline "$baseline" -m "$3" | ae-window -m "$3" | ae-recon "${latent[@]}" -m "$3" |
		ae-err --metric "$4" "${statistics[@]}" | ae-smooth --ewma "$smoothing"
	;;
chance)
	ae-cat -c --cols label,part "$1" | awk -F, 'BEGIN { srand(1); OFS = FS } { print NR == 1 ? "err" : rand(), $0 }' |
		ae-cat --pass part
	;;
row)
	name=$1
	shift
	ae-metrics --anomaly 1 "$@" |
		awk -v name="$name" '/^(ROC-AUC|PR-AUC|best F1)/ { cells = cells "  " $NF } END { printf "%-34s%s\n", name, cells }'
	;;
esac
