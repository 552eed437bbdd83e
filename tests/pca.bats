#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-train --net pca:K: the linear autoencoder that is solved, against scikit-learn.
load helpers

E=$ROOT/tests/expected

setup() {
	helpers_setup
	ldconfig -p | grep -q libopenblas.so.0 || skip 'no OpenBLAS'
}

# close_to FILE: of the numbers on standard input and in FILE, those of a row differ by 1e-5 of its largest at most.
close_to() {
	paste -d, - "$1" | awk -F, 'NR > 1 {
		largest = 0
		for (i = 1; i <= NF / 2; i++) {
			gap = $i - $(i + NF / 2)
			largest = ($i * $i > largest) ? $i * $i : largest
			if (gap * gap > 1e-10 * largest && gap * gap > 1e-10) { print "row " NR ": " $0; bad = 1 }
		}
		rows++
	}
	END { exit bad || !rows }'
}

pca() {
	ae-train --where label=keep --net "pca:$1" -m m.aem "${@:2}" 2>err.txt
}

@test "pca:K: reconstructions, latents, loss and variance are scikit-learn's, of more rows than values and of fewer" {
	local name k loss share
	while read -r name k loss share; do
		pca "$k" "$E/pca_$name.csv"
		ae-recon -m m.aem "$E/pca_$name.csv" | ae-cat --cols recon -c | close_to "$E/pca_${name}_$k.recon.csv"
		ae-encode -m m.aem "$E/pca_$name.csv" | ae-cat --cols latent -c | close_to "$E/pca_${name}_$k.latent.csv"
		grep -qx "ae-train: loss $loss" err.txt
		grep -qx "ae-train: $k components: $share% of the variance" err.txt
		[ "$(wc -l <err.txt)" -eq 3 ]
		[ "$(ae-info m.aem | sed -n 's/^loss  *//p')" = "$loss" ]
	done <"$E/pca.txt"
}

@test "pca:K: ae-info shows plain layers, and pca in place of the settings of training" {
	pca 2 "$E/pca_tall.csv"
	ae-info m.aem >info.txt
	grep -qx 'network     dense 2 | dense 6' info.txt
	grep -qx 'training    loss mse, pca' info.txt
	grep -qx 'state       none' info.txt
	ae-train -q --init m.aem --net 'dense 2 | dense 6' --lr 0 --epochs 1 --where label=keep -m same.aem "$E/pca_tall.csv"
	same "ae-recon -m same.aem $E/pca_tall.csv | ae-cat -c" "ae-recon -m m.aem $E/pca_tall.csv | ae-cat -c"
}

@test "pca:K: images go through flatten and reshape, windows keep their shape" {
	pca 3 "$E/pca_wide.csv"
	ae-recon -m m.aem "$E/pca_wide.csv" | ae-cat --cols recon -O npy -o vector.npy
	pca 3 --shape 2,4,3 "$E/pca_wide.csv"
	ae-info m.aem | grep -qx 'network     flatten, dense 3 | dense 24, reshape 2x4x3'
	ae-recon -m m.aem --shape 2,4,3 "$E/pca_wide.csv" >recon.aes
	ae-info recon.aes | grep -q 'recon  *recon  *f32  *\[2,4,3\]'
	ae-cat --cols recon -O npy -o image.npy recon.aes
	cmp <(tail -c 1344 vector.npy) <(tail -c 1344 image.npy)
	pca 3 --shape 8,3 "$E/pca_wide.csv"
	ae-recon -m m.aem --shape 8,3 "$E/pca_wide.csv" | ae-cat --cols recon -O npy -o window.npy
	cmp <(tail -c 1344 vector.npy) <(tail -c 1344 window.npy)
}

@test "pca:0 is the mean row, and no unit of it is called dead" {
	pca 0 "$E/pca_tall.csv"
	ae-info m.aem | grep -qx 'network     dense 1 | dense 6'
	[ "$(wc -l <err.txt)" -eq 2 ]
	grep -qx 'ae-train: loss [0-9.]*' err.txt
	ae-recon -m m.aem "$E/pca_tall.csv" | ae-cat --cols recon -c | tail -n +2 | sort -u >recon.csv
	[ "$(wc -l <recon.csv)" -eq 1 ]
	awk -F, '/keep/ { for (i = 1; i <= 6; i++) sum[i] += $i; n++ }
		END { for (i = 1; i <= 6; i++) printf "%.5f%s", sum[i] / n, i < 6 ? "," : "\n" }' "$E/pca_tall.csv" >mean.csv
	awk -F, '{ for (i = 1; i <= 6; i++) printf "%.5f%s", $i, i < 6 ? "," : "\n" }' recon.csv | cmp - mean.csv
}

# bats test_tags=threads
@test "pca:K: the same bytes for any -j and batches of the input" {
	local name
	for name in tall wide; do
		pca 3 -j 1 "$E/pca_$name.csv"
		mv m.aem one.aem
		ae-cat --batch-rows 5 "$E/pca_$name.csv" | pca 3 -j 3
		cmp one.aem m.aem
	done
}

@test "pca:K: what follows works: --valid, statistics of the errors, a threshold" {
	pca 2 --valid 0.25 "$E/pca_tall.csv"
	grep -qx 'ae-train: loss [0-9.]*, valid_loss [0-9.]*' err.txt
	ae-cat --where label=leave "$E/pca_tall.csv" >other.aes
	pca 2 --valid other.aes "$E/pca_tall.csv"
	# the loss of these rows is the mean of their scores
	ae-recon -m m.aem "$E/pca_tall.csv" | ae-cat --where label=leave | ae-err | ae-cat --cols err -c |
		awk 'NR > 1 { sum += $1; n++ } END { printf "%.5g\n", sum / n }' >mean
	[ "$(sed -n 's/.*valid_loss //p' err.txt | awk '{ printf "%.5g\n", $1 }')" = "$(<mean)" ]
	ae-recon -m m.aem "$E/pca_tall.csv" | ae-err --top 2 -m m.aem >err.aes
	ae-thresh --fit quantile:0.9 -m m.aem err.aes >fit.txt
	[ "$(ae-thresh -m m.aem err.aes | grep -c ',1$')" -ge 6 ]
	ae-info m.aem | grep -q '^threshold .*quantile:0.9 mse against x'
}

@test "pca:K: components along which the rows do not vary are zero" {
	awk 'BEGIN { print "a,b,c"; for (i = 0; i < 40; i++) print i % 7 "," 3 * (i % 7) "," i % 3 }' >two.csv
	ae-train --net pca:3 -m m.aem two.csv 2>err.txt
	grep -q 'the rows vary along 2 components only: the other 1, ' err.txt
	ae-encode -m m.aem two.csv | ae-cat --cols latent -c | tail -n +2 | cut -d, -f3 | sort -u >third
	[ "$(<third)" = 0 ]
	yes 0.1,-0.3 | head -n 1000 | sed 1ia,b >alike.csv
	ae-train --net pca:2 -m m.aem alike.csv 2>err.txt
	grep -q 'along 0 components only: the other 2' err.txt
	[ "$(ae-recon -m m.aem alike.csv | ae-cat --cols recon -c | tail -n +2 | sort -u)" = '0.1,-0.3' ]
}

@test "pca:K: rows and values that do not go with K are refused" {
	old_model m.aem
	expect_error 1 'pca:7: x has 6 values a row, and so at most as many components' \
		ae-train --net pca:7 -m m.aem "$E/pca_tall.csv"
	head -n 4 "$E/pca_tall.csv" >few.csv
	expect_error 1 'pca:4: needs as many rows as components, and there are 3' ae-train -q --net pca:4 -m m.aem few.csv
	# bytes, as NumPy writes them
	{ printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': (8193, 8193), }" &&
		head -c $((8193 * 8193)) /dev/zero; } >large.npy
	expect_error 1 'pca:1: 8193 rows of 8193 values: one of both may be 8192 at most: *' \
		ae-train -q --net pca:1 -m m.aem large.npy
	expect_error 1 'pca:1 gives back x, but there is a target: ae-cat --cols x leaves it out' \
		pipe "ae-noise --gaussian 0.1 $E/pca_tall.csv | ae-train -q --net pca:1 -m m.aem"
	is_old_model m.aem
}

@test "pca:K: options that say how to train are refused by name" {
	local option
	old_model m.aem
	for option in '--epochs 3' '--lr 0.1' '--decay 0' '--schedule cosine' '--warmup 1' '--optimizer adam' '--momentum 0.5' \
		'--weight-decay 0' '--batch 8' '--slices 4' '--seed 1' '--hidden-act relu' '--out-act linear' \
		"--init m.aem" '--log log.csv'; do
		# shellcheck disable=SC2086
		expect_error 2 "${option%% *}: --net pca:K is computed at once, without it" \
			ae-train --net pca:2 -m m.aem $option "$E/pca_tall.csv"
	done
	expect_error 2 '--patience: --net pca:K is *' ae-train --net pca:2 --valid 0.2 --patience 3 -m m.aem "$E/pca_tall.csv"
	expect_error 2 '--loss mae: --net pca:K is the best for mse, and has no other loss' \
		ae-train --net pca:2 --loss mae -m m.aem "$E/pca_tall.csv"
	expect_error 2 '--missing mask: *' ae-train --net pca:2 --missing mask -m m.aem "$E/pca_tall.csv"
	for option in pca: pca:x pca:-1 pca:2.5 'pca:2 relu'; do
		expect_error 2 "--net $option: expected pca:K with the number of components, as pca:8" \
			ae-train --net "$option" -m m.aem "$E/pca_tall.csv"
	done
	is_old_model m.aem
	[ ! -e log.csv ]
	ae-train -q --net pca:2 --loss mse -m m.aem --where label=keep "$E/pca_tall.csv"
	expect_error 1 'm.aem: was computed by --net pca:K, not trained: *--init*' \
		ae-train --resume m.aem --epochs 3 -m n.aem "$E/pca_tall.csv"
}

@test "pca:K: what is said of rows with missing values works" {
	seq 60 | awk 'BEGIN { print "a,b,c" } { print (NR == 7 ? "" : NR % 7) "," NR % 5 "," NR % 3 }' >holes.csv
	sed '/^,/d' holes.csv | ae-train -q --net pca:2 -m whole.aem
	ae-cat --missing mask holes.csv -o holes.aes
	ae-train --net pca:2 -m m.aem holes.aes 2>err.txt
	grep -qx 'ae-train: 1 row with missing values left out' err.txt
	cmp m.aem whole.aem
	expect_error 2 '--missing mask: --net pca:K takes whole rows; without it rows of AEST that have missing values are left out, and of text with --missing skip' \
		ae-train --net pca:2 --missing mask -m m.aem holes.aes
	ae-train -q --net pca:2 --missing skip -m m.aem holes.csv
	cmp m.aem whole.aem
	expect_error 1 'holes.csv: line 8: column "a": missing value; --missing skip leaves such rows out' \
		ae-train --net pca:2 -m m.aem holes.csv
	head -3 holes.csv >train.csv
	expect_error 1 'holes.csv: line 8: column "a": missing value; --missing skip leaves such rows out' \
		ae-train --net pca:1 -m m.aem --valid holes.csv train.csv
	printf '\0\0\0\0\0\0\xc0\x7f' >nan
	expect_error 1 'nan: row 2, column "x.1": missing value; ae-cat --missing mask makes AEST of it' \
		ae-train --net pca:1 -I raw:f32 --shape 1 -m m.aem nan
	ae-train -q --net pca:2 --missing skip -m m.aem holes.csv
	cmp m.aem whole.aem
}

@test "ae-info --net pca:K shows the layers before there is a model" {
	[ "$(ae-info --net pca:2 --shape 2,3,2 | head -n 1)" = 'network     flatten, dense 2 | dense 12, reshape 2x3x2' ]
	[ "$(ae-info --net pca:0 --shape 5 | tail -n 1)" = 'weights     16' ]
	expect_error 1 'pca:6: x has 5 values a row, and so at most as many components' ae-info --net pca:6 --shape 5
}

@test "pca:K: where memory runs out as OpenBLAS is loaded, the message says so" {
	unsanitized 'what is preloaded comes before its own malloc'
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O2 -shared -fPIC -o faults.so "$ROOT/tests/tools/faults.c"
	printf 'a,b\n1,2\n3,5\n4,4\n' >three.csv
	local n
	for n in {20..200..4}; do
		FAULT_CALL=malloc FAULT_NTH=$n FAULT_ERRNO=12 LD_PRELOAD=./faults.so ae-train -q --force --net pca:1 -m m.aem three.csv || :
	done 2>err.txt
	grep -qx 'ae-train: out of memory' err.txt
	run ! grep 'is not here' err.txt
}

@test "pca:K: an OpenBLAS without LAPACK is named" {
	mkdir part
	printf '%s\n' 'void cblas_sgemm(void) {}' 'void cblas_dgemm(void) {}' 'void cblas_dsyrk(void) {}' \
		'void openblas_set_num_threads(int n) { (void)n; }' 'int openblas_get_num_threads(void) { return 1; }' |
		"${CC:-cc}" -shared -fPIC -x c -o part/libopenblas.so.0 -
	expect_error 1 'this OpenBLAS is built without LAPACK, which pca:K needs: apt-get install libopenblas0' \
		env LD_LIBRARY_PATH=part ae-train -q --net pca:2 -m m.aem "$E/pca_tall.csv"
	LD_LIBRARY_PATH=part ae-train -q --net pca:0 -m m.aem "$E/pca_tall.csv"
}
