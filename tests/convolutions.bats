#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=threads
# Networks of images, end to end: what is promised of rows, bytes and memory holds for convolutions too.
load helpers
load scoring

# images ROWS [SEED]: made-up beats as images of 14x10, with a header.
images() {
	ecg_synthetic "$1" "${2:-7}" | awk '
		NR == 1 { for (i = 0; i < 140; i++) printf "x.%d.%d.1,", int(i / 10) + 1, i % 10 + 1; print "label" }
		{ print }'
}

setup_file() {
	F=$BATS_FILE_TMPDIR
	export F
	cd "$F" || return
	images 150 >images.csv
	ae-cat -o images.aes images.csv
	ae-normalize --fit minmax --per tensor -o images.n.aes images.aes
	ae-train "${NET[@]}" -q -j 1 -m m.aem images.n.aes
	ae-recon -m m.aem images.n.aes | ae-err --batch-rows 512 -c >err.csv
}

# Every layer there is, one half with batches that meet; sizes that are odd, and channels that fill no tile.
NET=(--net 'conv 5 3x3/2 relu, dropout:0.1, conv 6 2x3 leakyrelu:0.2 batchnorm, maxpool, flatten, dense 12 tanh |
	dense 120, reshape 5x4x6, upsample, conv 3 1x2/2 elu, convt 5 3x3/2 relu batchnorm, convt 1 3x2/2, flatten,
	dense 140 sigmoid' --epochs 3 --batch 48)

@test "convolutions: the model is the same to the byte for any -j, and on a second run" {
	local j
	for j in 1 2 3 5; do
		ae-train "${NET[@]}" -q -j $j -m again.aem "$F/images.n.aes"
		cmp again.aem "$F/m.aem"
	done
}

@test "convolutions: 2 epochs and --resume to 3 give the bytes of 3" {
	ae-train "${NET[@]}" --epochs 2 -q -m two.aem "$F/images.n.aes"
	ae-train --resume two.aem --epochs 3 -q -m three.aem "$F/images.n.aes"
	cmp three.aem "$F/m.aem"
}

@test "convolutions: scores are the same to the bit for --batch-rows 1, 2, 7, 16, 17 and 512, and any -j" {
	local n
	for n in 1 2 7 16 17 512; do
		ae-recon -m "$F/m.aem" --batch-rows $n -j 1 "$F/images.n.aes" | ae-err -c | cmp - "$F/err.csv"
		ae-recon -m "$F/m.aem" --batch-rows $n -j 3 "$F/images.n.aes" | ae-err -c | cmp - "$F/err.csv"
	done
}

@test "convolutions: scores are the same to the bit when the rows are in another order" {
	{
		head -n 1 "$F/images.csv"
		tail -n +2 "$F/images.csv" | tac
	} | ae-normalize -m "$F/m.aem" | ae-recon -m "$F/m.aem" | ae-err -c >turned.csv
	tail -n +2 turned.csv | cut -d, -f2 | tac | cmp - <(tail -n +2 "$F/err.csv" | cut -d, -f2)
}

@test "convolutions: ae-encode and ae-decode give ae-recon's bits" {
	ae-encode -m "$F/m.aem" "$F/images.n.aes" | ae-decode -m "$F/m.aem" | ae-cat --cols recon -c >two.csv
	ae-recon -m "$F/m.aem" "$F/images.n.aes" | ae-cat --cols recon -c | cmp - two.csv
}

@test "convolutions: scores under AE_ISA=generic agree to rounding, under avx2 and avx512 to the bit" {
	local isa ran=0
	AE_ISA=generic ae-recon -m "$F/m.aem" "$F/images.n.aes" | ae-err -c >generic.csv
	near 1e-5 <(cut -d, -f2 generic.csv) <(cut -d, -f2 "$F/err.csv")
	for isa in avx2 avx512; do
		AE_ISA=$isa ae-recon -m "$F/m.aem" "$F/images.n.aes" >$isa.aes 2>err.txt || continue
		ae-err -c $isa.aes | cmp - "$F/err.csv"
		ran=$((ran + 1))
	done
	[ $ran -eq 2 ] || skip "this processor has only $ran of avx2 and avx512"
}

@test "convolutions: the memory of training is that of its rows, a batch and 64 MiB" {
	images 400 | sed '1s/x\.\([0-9]*\)\.\([0-9]*\)\.1/x.\1.\2/g' |
		awk -F, 'NR == 1 { for (i = 1; i <= 280; i++) for (j = 1; j <= 80; j++) printf "x.%d.%d.1%s", i, j, i * j < 22400 ? "," : "\n"; next }
			{ line = $1; for (i = 2; i <= 140; i++) line = line "," $i
			  for (i = 0; i < 160; i++) printf "%s%s", line, i < 159 ? "," : "\n" }' | ae-cat -o large.aes
	local net='conv 8 3x3/2 relu batchnorm, conv 4 3x3/2 relu | convt 4 3x3/2 relu, convt 8 3x3/2 relu, conv 1 3x3'
	ae-normalize --fit standard --per tensor -o large.n.aes large.aes
	ae-train -v --net "$net" --epochs 1 -m m.aem large.n.aes 2>said.txt
	set -- "$(sed -n 's/^ae-train: memory: rows \([0-9]*\) bytes, .* gradients \([0-9]*\), [0-9]* weights$/\1 \2/p' said.txt)"
	read -r rows batch <<<"$1"
	[ "$rows" -eq $((400 * 22400 * 4)) ]
	[ "$batch" -gt $((32 * 22400 * 4 * 10)) ]
	resident_below $(((rows + batch) / 1024 + 65536)) ae-train -q --net "$net" --epochs 1 -m m.aem large.n.aes
	# Two more epochs need no more.
	resident_below $(((rows + batch) / 1024 + 65536)) ae-train -q --net "$net" --epochs 3 -m m.aem large.n.aes
}

@test "convolutions: clean under valgrind" {
	ae-cat --head 20 -o few.aes "$F/images.n.aes"
	valgrind_clean ae-train -q "${NET[@]}" --epochs 1 -j 2 -m v.aem few.aes
	valgrind_clean ae-recon -m v.aem -o /dev/null few.aes
}

# ---- bad input ----

@test "bad input: layers whose shapes do not meet, both named" {
	ecg_synthetic 20 | ae-cat -H --label -1 -o beats.aes
	expect_error 1 'network: "conv 4 3x3" takes images *, but a row of the input is *140?' \
		ae-train --net 'conv 4 3x3, dense 140' -m no.aem beats.aes
	expect_error 2 'network: "conv 4 3x3" takes images *, but "dense 12" before it makes *12?' \
		ae-train --net 'dense 12, conv 4 3x3' -m no.aem beats.aes
	expect_error 2 'network: "reshape 5x4x1" takes 20 values, but "dense 24" before it makes *24?' \
		ae-train --net 'dense 20 | dense 24, reshape 5x4x1' -m no.aem beats.aes
	expect_error 1 'the network makes rows of shape *10,10,1?, but x has *14,10,1?' \
		ae-train --net 'conv 2 3x3/2 | convt 1 3x3/2, flatten, dense 100, reshape 10x10x1' -m no.aem "$F/images.n.aes"
	[ ! -e no.aem ]
}

@test "bad input: batchnorm with --batch 1" {
	expect_error 2 '"batchnorm" needs batches of at least 2 rows' \
		ae-train -q --net 'dense 12 batchnorm | dense 140' --batch 1 -m no.aem "$F/images.n.aes"
	[ ! -e no.aem ]
}

@test "odd sizes under stride 2 are halved upwards, as in Keras, and come back one too many" {
	[ "$(ae-info --shape 7,5,1 --net 'conv 2 3x3/2, conv 1 1x1/2 | convt 2 3x3/2, convt 1 3x3/2' |
		grep -oE '\[[0-9]+,[0-9]+,[0-9]+\]' | tr '\n' ' ')" = '[7,5,1] [4,3,2] [2,2,1] [4,4,2] [8,8,1] ' ]
}

@test "convolutions: maxpool takes images from 2x2 pixels on, and the largest of four" {
	printf '1,2,4,3\n8,7,6,5\n' >rows.csv
	ae-train -q -H --shape 2,2,1 --net 'maxpool | flatten, dense 4, reshape 2x2x1' --epochs 1 -m m.aem rows.csv
	ae-encode -q -H --shape 2,2,1 -m m.aem -c rows.csv >latent.csv
	[ "$(tail -n 2 latent.csv)" = $'4\n8' ]
	expect_error 1 'network: "maxpool" takes images *of 2x2 pixels or more, but a row of the input is [[]1,4,1]' \
		ae-train -q -H --shape 1,4,1 --net 'maxpool | flatten, dense 4' -m m.aem rows.csv
}
