#!/bin/sh
# SPDX-License-Identifier: MIT
# make.sh: makes the files of this folder with the programs on PATH. They were made once, by version 0.1, and stay: the
# test models.bats holds that later programs read these models, score the same bytes with them and train on from them
# to the same bytes. Trained with AE_ISA=avx2, so that any processor that has it gives the same bytes.
set -e
cd "$(dirname "$0")"
export AE_ISA=avx2

# Six sensors, the second and third of which follow the first; one in eleven cells of `b` is empty in holes.
rows() {
	awk -v holes="$1" 'BEGIN {
		print "a,b,c,d,e,f"
		for (i = 0; i < 70; i++) {
			u = (i * 37 % 71) / 71; v = (i * 13 % 29) / 29
			b = holes && i % 11 == 5 ? "" : sprintf("%.4f", 1 - u + 0.1 * v)
			printf "%.4f,%s,%.4f,%.4f,%.4f,%.4f\n", u, b, u * u, v, 10 * v - 3, u * v
		}
	}'
}
rows 0 | ae-normalize --fit minmax -o rows.aes
rows 1 | ae-normalize --missing=mask --fit standard -o holes.aes
# Images of 6 by 6 pixels with a bright bar.
awk 'BEGIN {
	for (i = 0; i < 36; i++) printf "%sp%d", i ? "," : "", i; print ""
	for (r = 0; r < 30; r++) {
		for (i = 0; i < 36; i++) printf "%s%.3f", i ? "," : "", (int(i / 6) == r % 6) * 0.8 + (i * r % 7) / 40
		print ""
	}
}' | ae-cat --shape 6,6,1 --f32 -o images.aes

ae-train -q --net 6-4-2-4-6 --act tanh --out sigmoid --epochs 6 --lr 0.01 --seed 3 -m dense.aem rows.aes
ae-train -q --net 6-3-6 --act elu --loss huber --optimizer sgd --momentum 0.9 --lr 0.05 --decay 0.001 --batch 16 \
	--epochs 4 -m sgd.aem rows.aes
ae-train -q --net 'conv 4 3x3/2 batchnorm relu, dropout:0.2, conv 2 3x3/2 leakyrelu | convt 4 3x3/2 batchnorm relu,
	convt 4 3x3/2 relu, conv 1 2x2 sigmoid, flatten, dense 36 sigmoid, reshape 6x6x1' \
	--epochs 3 --batch 20 --seed 5 -m conv.aem images.aes
ae-train -q --missing=mask --net 6-3-6 --loss mae --epochs 4 -m mask.aem holes.aes
ae-train -q --net 6-2-6 --out sigmoid --loss mae --epochs 5 --lr 0.02 --strip -m strip.aem rows.aes
ae-train -q --net 6-4-6 --out sigmoid --epochs 4 -m threshold.aem rows.aes
ae-recon -m threshold.aem rows.aes | ae-err | ae-thresh --fit sigma:2 -m threshold.aem >threshold.txt

# What these programs make of them: reconstruction and score, verdicts, and some epochs more.
input() {
	case $1 in
	conv) echo images.aes ;;
	mask) echo holes.aes ;;
	*) echo rows.aes ;;
	esac
}
for model in dense sgd conv mask strip threshold; do
	ae-recon -m $model.aem "$(input $model)" | ae-err --keep -o $model.err.aes
	[ $model = strip ] || ae-train -q --resume $model.aem --epochs 9 -m $model.9.aem "$(input $model)"
done
ae-thresh -m threshold.aem -o threshold.csv threshold.err.aes
