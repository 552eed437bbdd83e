#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=threads
# Networks of series, from ae-window to scores: what is promised of rows, bytes and shapes holds for conv1d and convt1d.
load helpers
load scoring

# Two sensors, 300 rows.
series() {
	awk 'BEGIN { OFS = ","; print "a,b"; for (i = 0; i < 300; i++) print sin(i / 5) + sin(i * i) / 9, cos(i / 7) + sin(i * i + 1) / 9 }'
}

NET=(--net 'conv1d 6 7/2 relu batchnorm, dropout:0.1, conv1d 3 4/2 leakyrelu:0.2 |
	convt1d 5 7/2 relu batchnorm, convt1d 4 31/2 tanh, convt1d 2 3' --epochs 3 --batch 48)

setup_file() {
	F=$BATS_FILE_TMPDIR
	export F
	cd "$F" || return
	series >series.csv
	ae-normalize --fit standard series.csv | ae-window --size 16 --drop-incomplete -o windows.aes
	ae-train "${NET[@]}" -q -j 1 -m m.aem windows.aes
	ae-recon -m m.aem windows.aes | ae-err --batch-rows 512 -c >err.csv
}

@test "conv1d: what ae-window makes is trained and scored directly" {
	[ "$(ae-info "$F/windows.aes" | grep -c '\[16,2\]')" -ge 1 ]
	[ "$(wc -l <"$F/err.csv")" -eq 286 ]
	ae-normalize -m "$F/m.aem" "$F/series.csv" | ae-window --size 16 | ae-recon -m "$F/m.aem" | ae-err -c >live.csv
	[ "$(wc -l <live.csv)" -eq 301 ]
	tail -n 285 live.csv | cut -d, -f2 | cmp - <(tail -n 285 "$F/err.csv" | cut -d, -f2)
}

@test "conv1d: the model is the same to the byte for any -j, and with --resume" {
	local j
	for j in 2 3; do
		ae-train "${NET[@]}" -q -j $j -m again.aem "$F/windows.aes"
		cmp again.aem "$F/m.aem"
	done
	ae-train "${NET[@]}" --epochs 2 -q -m two.aem "$F/windows.aes"
	ae-train --resume two.aem --epochs 3 -q -m three.aem "$F/windows.aes"
	cmp three.aem "$F/m.aem"
}

@test "conv1d: scores are the same to the bit for any batches, and any -j" {
	local n
	for n in 1 7 16 17 512; do
		ae-recon -m "$F/m.aem" --batch-rows $n -j 3 "$F/windows.aes" | ae-err -c | cmp - "$F/err.csv"
	done
}

@test "conv1d: under AE_ISA=generic scores agree to rounding, under avx2 and avx512 to the bit" {
	local isa ran=0
	AE_ISA=generic ae-recon -m "$F/m.aem" "$F/windows.aes" | ae-err -c >generic.csv
	near 1e-5 <(cut -d, -f2 generic.csv) <(cut -d, -f2 "$F/err.csv")
	for isa in avx2 avx512; do
		AE_ISA=$isa ae-recon -m "$F/m.aem" "$F/windows.aes" >$isa.aes 2>err.txt || continue
		ae-err -c $isa.aes | cmp - "$F/err.csv"
		ran=$((ran + 1))
	done
	[ $ran -eq 2 ] || skip "this processor has only $ran of avx2 and avx512"
}

@test "conv1d: ae-encode and ae-decode give ae-recon's bits" {
	ae-encode -m "$F/m.aem" -o latent.aes "$F/windows.aes"
	ae-info latent.aes | grep -q '\[4,3\]'
	ae-decode -m "$F/m.aem" latent.aes | ae-cat --cols recon -c >two.csv
	ae-recon -m "$F/m.aem" "$F/windows.aes" | ae-cat --cols recon -c | cmp - two.csv
}

@test "conv1d: shapes and weights that ae-info --net shows" {
	ae-info --shape 288,1 --net 'conv1d 32 7/2 relu, dropout:0.2, conv1d 16 7/2 relu | convt1d 16 7/2 relu,
		dropout:0.2, convt1d 32 7/2 relu, convt1d 1 7' >net.txt
	[ "$(grep -oE '\[[0-9]+,[0-9]+\]' net.txt | tr '\n' ' ')" = \
		'[288,1] [144,32] [144,32] [72,16] [144,16] [144,16] [288,32] [288,1] ' ]
	# those of Keras's summary
	[ "$(sed -n 's/^.*\[[0-9,]*\] *\([0-9]*\)$/\1/p' net.txt | xargs)" = '256 0 3600 1808 0 3616 225' ]
	# 5 steps and 3: upwards, as in Keras
	[ "$(ae-info --shape 7,1 --net 'conv1d 2 3/3, conv1d 2 1/2 | convt1d 2 3/2, convt1d 1 3/3' |
		grep -oE '\[[0-9]+,[0-9]+\]' | tr '\n' ' ')" = '[7,1] [3,2] [2,2] [4,2] [12,1] ' ]
}

@test "convolutions: texts are made canonical, with one stride where both are the same" {
	ae-info --shape 6,4,2 --net 'conv  3 3x5/2x2, convt 2 3x5/1x2, conv 2 03x3/1 |' >net.txt
	grep -q 'conv 3 3x5/2 ' net.txt
	grep -q 'convt 2 3x5/1x2 ' net.txt
	grep -q 'conv 2 3x3 ' net.txt
}

@test "conv1d: clean under valgrind" {
	ae-cat --head 20 -o few.aes "$F/windows.aes"
	valgrind_clean ae-train -q "${NET[@]}" --epochs 1 -j 2 -m v.aem few.aes
	valgrind_clean ae-recon -m v.aem -o /dev/null few.aes
}

# ---- bad input ----

@test "bad input: what conv1d does not take, and what to do instead" {
	ecg_synthetic 20 | ae-cat -H --label -1 -o beats.aes
	expect_error 1 'network: "conv1d 4 3" takes series *as "reshape 140x1" makes them, but a row of the input is *140?' \
		ae-train --net 'conv1d 4 3, dense 140' -m no.aem beats.aes
	ae-train -q --net 'reshape 140x1, conv1d 4 7/4 relu, dense 8 | dense 140' --epochs 1 -m yes.aem beats.aes
	expect_error 1 'network: "conv 4 3x3" takes images *, but a row of the input is *16,2?' \
		ae-train --net 'conv 4 3x3, dense 32, reshape 16x2' -m no.aem "$F/windows.aes"
	expect_error 2 'network: "conv1d 4 32": expected a kernel size from 1 to 31, and after a slash the stride*' \
		ae-train --net 'conv1d 4 32, dense 32, reshape 16x2' -m no.aem "$F/windows.aes"
	expect_error 1 'the network makes rows of shape *8,2?, but x has *16,2?' \
		ae-train --net 'conv1d 4 7/2 | conv1d 2 7' -m no.aem "$F/windows.aes"
	expect_error 2 'network: "convt1d 65536 1/31": more than 2147483647 values' \
		ae-info --shape 2000,1 --net 'convt1d 65536 1/31'
	[ ! -e no.aem ]
}
