#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a score rests on: n_obs, and ae-recon --impute, which puts the reconstruction in for what is missing.
load helpers
load scoring

setup_file() {
	F=$BATS_FILE_TMPDIR
	export F
	cd "$F" || return
	# 150 rows of four sensors that hang together; every third row has a hole or two, two rows have no value at all.
	awk 'BEGIN {
		print "id,a,b,c,d"
		for (n = 0; n < 150; n++) {
			s = n * 37 % 101 / 10
			printf "u%d", n
			for (i = 1; i <= 4; i++)
				printf ",%s", n % 60 == 50 || (n % 3 == 0 && (n + i) % 4 == 0) || (n % 9 == 0 && i == 2) ? "" : i * s + i / 3
			print ""
		}
	}' >holes.csv
	ae-normalize --missing mask --fit standard -o n.aes holes.csv
	ae-train -q --missing mask --net 4-2-4 --epochs 60 --lr 0.02 -m masked.aem n.aes
	ae-train -q --net 4-2-4 --epochs 2 -m plain.aem n.aes
	ae-cat --missing mask -o raw.aes holes.csv
	ae-train -q --force --missing mask --net 4-2-4 --epochs 2 -m raw.aem raw.aes
}

@test "ae-recon --impute: the holes of x have the reconstruction, observed cells their bits, as NumPy has it" {
	local model rows
	for model in masked raw; do
		rows=$F/raw.aes
		[ $model = raw ] || rows=$F/n.aes
		ae-recon -m "$F/$model.aem" "$rows" >plain.aes
		ae-recon --impute -m "$F/$model.aem" "$rows" >imputed.aes
		for file in plain imputed; do
			for role in x recon; do
				ae-cat --cols $role -O npy -o $file.$role.npy $file.aes
			done
		done
		/usr/bin/python3 - <<-'END'
			import numpy as np
			x, recon, imputed, again = (np.load(n + ".npy") for n in ("plain.x", "plain.recon", "imputed.x", "imputed.recon"))
			assert x.dtype == imputed.dtype and np.isnan(x).any()
			assert recon.tobytes() == again.tobytes()
			assert np.where(np.isnan(x), recon.astype(x.dtype), x).tobytes() == imputed.tobytes()
			left = np.isnan(imputed).any(axis=1)
			assert (left == np.isnan(x).all(axis=1)).all() and left.sum() == 2
		END
	done
}

@test "ae-recon --impute: what is filled is near what was there, in the units of the source" {
	ae-recon --impute -m "$F/masked.aem" "$F/n.aes" | ae-normalize --invert | ae-cat -c --cols id,x >got.csv
	awk -F, 'NR > 1 && $2 != "nan" { for (i = 1; i <= 4; i++) { truth = i * ((NR - 2) * 37 % 101 / 10) + i / 3
		gap = $(i + 1) - truth; if (gap < 0) gap = -gap; if (gap > 3 * i) exit 1 } }' got.csv
	[ "$(grep -c nan got.csv)" -eq 2 ]
}

@test "ae-recon --impute: the same in any batches, from CSV, JSON lines, MessagePack and npy" {
	same_for_batches "$F/n.aes" ae-recon --impute -m "$F/masked.aem"
	ae-recon --impute -c -m "$F/raw.aem" "$F/raw.aes" >wanted.csv
	ae-recon --missing mask --impute -c -m "$F/raw.aem" "$F/holes.csv" 2>/dev/null | cmp - wanted.csv
	ae-cat -O jsonl "$F/raw.aes" | ae-recon --missing mask --impute -c -m "$F/raw.aem" 2>/dev/null | cmp - wanted.csv
	ae-cat -O msgpack "$F/raw.aes" | ae-recon --missing mask --impute -c -m "$F/raw.aem" 2>/dev/null | cmp - wanted.csv
	ae-cat --cols x -O npy "$F/raw.aes" | ae-recon --missing mask --impute -c -m "$F/raw.aem" | tail -n +2 >got.csv
	tail -n +2 wanted.csv | cut -d, -f2- | cmp - got.csv
}

@test "ae-recon --impute: a model that computes no row with a hole is refused, and so is a score of what was put in" {
	expect_error 1 "n.aes: $F/plain.aem: was not trained with --missing mask, *" \
		pipe "cp $F/n.aes . && ae-recon --impute -m $F/plain.aem n.aes"
	ae-recon --impute -m "$F/masked.aem" -o i.aes "$F/n.aes"
	expect_error 1 'i.aes: x has values of its reconstruction (ae-recon --impute), *' ae-err i.aes
	ae-info i.aes | grep -qE '^imputed +x: '
	run -1 grep -q imputed <(ae-info "$F/n.aes")
}

@test "ae-err --n-obs: how many values of the row were observed, in the verdicts too" {
	ae-recon -m "$F/masked.aem" "$F/n.aes" | ae-err --n-obs -o e.aes
	awk -F, 'BEGIN { print "id,n_obs" } NR > 1 { n = 0; for (i = 2; i <= 5; i++) n += $i != ""; print $1 "," n }' "$F/holes.csv" >wanted.csv
	ae-cat -c --cols id,n_obs e.aes | cmp - wanted.csv
	ae-thresh --at 1 e.aes >v.csv
	[ "$(head -n 1 v.csv)" = id,err,n_obs,pred ]
	cut -d, -f1,3 v.csv | cmp - wanted.csv
	# the score is what it is without, and of a row without a value 0 cells are known
	same "ae-cat -c --cols id,err e.aes" "ae-recon -m $F/masked.aem $F/n.aes | ae-err -c | cut -d, -f1,2"
	grep -qx 'u50,nan,0,' v.csv
	# n_obs is no input where text has it
	ae-cat -c --cols x,n_obs <(ae-recon -m "$F/masked.aem" "$F/n.aes" | ae-err --n-obs --keep) >n_obs.csv
	ae-cat --missing mask n_obs.csv | ae-info | grep -qE ' n_obs +pass +text'
}

@test "ae-err --n-obs: beside features and shares, with rows of one batch as with many; a stream that has it keeps it" {
	ae-recon --latent -m "$F/masked.aem" -o r.aes "$F/n.aes"
	same_for_batches r.aes ae-err --n-obs --per-feature --top 2
	[ "$(ae-err -c --n-obs --per-feature --top 1 r.aes | head -n 1)" = id,err,err.a,err.b,err.c,err.d,n_obs,top1,top1_share ]
	ae-err --n-obs --keep -o e.aes r.aes
	same 'ae-err --n-obs -c e.aes | cut -d, -f1-3' 'ae-cat -c --cols id,n_obs,err e.aes'
	ae-err --n-obs --metric t2 -m "$F/masked.aem" -c r.aes | cut -d, -f1,3 | cmp - <(ae-cat -c --cols id,n_obs e.aes)
	ae-encode -m "$F/masked.aem" -o l.aes "$F/n.aes"
	expect_error 1 'l.aes: --n-obs: there is no x whose values could be counted' \
		ae-err --n-obs --metric t2 -m "$F/masked.aem" l.aes
}

@test "ae-err --n-obs: of a window those in the window" {
	ae-window --size 3 --missing mask "$F/holes.csv" -o w.aes
	ae-train -q --force --missing mask --net 12-2-12 --epochs 1 -m w.aem w.aes
	ae-recon -m w.aem w.aes | ae-err --n-obs -c | cut -d, -f3 | tail -n +2 >got
	awk -F, 'NR > 1 { n = 0; for (i = 2; i <= 5; i++) n += $i != ""; had[NR] = n; print NR < 4 ? 0 : n + had[NR - 1] + had[NR - 2] }' "$F/holes.csv" | cmp - got
}

@test "ae-recon --impute and ae-err --n-obs: clean under valgrind" {
	valgrind_clean ae-recon --impute -m "$F/masked.aem" -o i.aes "$F/n.aes"
	ae-recon -m "$F/masked.aem" -o r.aes "$F/n.aes"
	valgrind_clean ae-err --n-obs -o e.aes r.aes
}
