#!/bin/sh
# SPDX-License-Identifier: MIT
# A model of normal rows, with the scaler and the threshold in it, for all recipes of this folder.
#
#   train.sh MODEL ROWS [OPTION OF ae-normalize]...
#
# ROWS is a file of CSV or JSON lines, or - for standard input. The last quarter is held out of the training, and the
# threshold is 1.5 times the quantile 0.99 of its errors. NET names the layers, TRAIN has further options
# of ae-train: TRAIN='--hidden-act tanh --missing mask'.
# Trap: "--missing mask" behind ROWS reads rows that lack values; only with the same words in TRAIN does the model bear them.
# Trap: what ae-train warns of, such as a network that learned nothing, is worth reading before the model is used.
# Trap: the inputs have their names from here on. Train on rows with the names that the feed will have.
set -eu
model=$1
rows=$2
shift 2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
held=$folder/held.aes

# shellcheck disable=SC2086 # words
ae-normalize --fit standard "$@" "$rows" |
	ae-train --net "${NET:-3-2-3}" --epochs 60 --lr 0.01 ${TRAIN-} --calibrate 0.25 --calibrate-out "$held" -m "$model"
ae-recon -m "$model" "$held" | ae-err | ae-thresh --fit '1.5*quantile:0.99' -m "$model"
