#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-train --ensemble: several networks in one model, whose reconstructions are averaged.
load helpers
load scoring

NET=(--net 140-16-4-16-140 --hidden-act elu)

setup_file() {
	scoring_fixture
	ae-train -q "${NET[@]}" --epochs 2 --ensemble 3 --seed 5 --log three.csv -m three.aem train.n.aes
	for seed in 5 6 7; do
		ae-train -q "${NET[@]}" --epochs 2 --seed $seed --log $seed.csv -m $seed.aem train.n.aes
	done
}

npy() { ae-recon -m "$1" "$F/test.n.aes" | ae-cat --cols recon -O npy -o "$2"; }

@test "--ensemble: every member is what its seed alone gives" {
	local check member
	check=$(tool ensemble)
	for member in 1 2 3; do
		"$check" member $member "$F/three.aem" "$F/$((member + 4)).aem"
		awk -F, -v OFS=, -v m=$member '$4 == m { print $1, $2, $3 }' "$F/three.csv" >log
		tail -n +2 "$F/$((member + 4)).csv" | cmp - log
	done
	run "$check" member 2 "$F/three.aem" "$F/7.aem"
	[ "$status" -eq 1 ]
	[ "$(head -n 1 "$F/three.csv")" = epoch,loss,valid_loss,member ]
	ae-plot loss -o loss.svg "$F/three.csv"
}

@test "--ensemble: ae-recon gives the mean of the members' reconstructions, the same for any batch and -j" {
	local isa check
	check=$(tool ensemble)
	for m in three 5 6 7; do npy "$F/$m.aem" $m.npy; done
	"$check" mean three.npy 5.npy 6.npy 7.npy
	run "$check" mean three.npy 5.npy 6.npy
	[ "$status" -eq 1 ]
	same_for_batches "$F/test.n.aes" ae-recon -m "$F/three.aem"
	for isa in avx2 avx512; do
		if AE_ISA=$isa ae-recon -m "$F/three.aem" "$F/test.n.aes" -o $isa.aes 2>err.txt; then
			ae-recon -j 3 -m "$F/three.aem" "$F/test.n.aes" | cmp - $isa.aes
		else
			grep -q "AE_ISA=$isa" err.txt
		fi
	done
}

@test "--ensemble: rows with missing values, and rows that leave f32" {
	ae-cat -c "$F/test.aes" | awk -F, -v OFS=, 'NR == 3 { $5 = "nan" } NR == 4 { $7 = "1e30" } 1' >odd.csv
	ae-train -q "${NET[@]}" --epochs 1 --ensemble 2 -m two.aem "$F/train.aes"
	ae-recon -m two.aem --missing mask odd.csv 2>err.txt | ae-cat -c --cols recon >out.csv
	[ "$(sed -n 3p out.csv | tr -d ,na)" = "" ]
	[ "$(sed -n 4p out.csv | grep -c nan)" -eq 0 ]
	[ "$(wc -l <out.csv)" = "$(wc -l <odd.csv)" ]
}

# bats test_tags=threads
@test "--ensemble: the same bytes for any -j, and in two parts; one is none" {
	local options=("${NET[@]}" --ensemble 2 --batch 64)
	ae-train -q "${options[@]}" --epochs 4 -j 1 -m whole.aem "$F/train.n.aes"
	ae-train -q "${options[@]}" --epochs 4 -j 4 -m same.aem "$F/train.n.aes"
	cmp whole.aem same.aem
	ae-train -q "${options[@]}" --epochs 2 -m half.aem "$F/train.n.aes"
	ae-train -q --resume half.aem --epochs 4 -m joined.aem "$F/train.n.aes"
	cmp whole.aem joined.aem
	ae-train -q "${NET[@]}" --ensemble 1 --epochs 2 --seed 5 -m one.aem "$F/train.n.aes"
	cmp one.aem "$F/5.aem"
}

@test "--ensemble: SIGTERM leaves a checkpoint of all members, from which training goes on" {
	local pid
	ae-train -q "${NET[@]}" --ensemble 3 --epochs 300 -m whole.aem "$F/train.n.aes"
	ae-train -v "${NET[@]}" --ensemble 3 --epochs 300 -m m.aem "$F/train.n.aes" 2>err.txt &
	pid=$!
	until grep -q 'member 2 of 3: epoch 5/' err.txt || ! kill -0 $pid; do sleep 0.01; done
	kill -TERM $pid
	wait $pid || [ $? -eq 143 ]
	[ ! -e m.aem ]
	grep -qE 'member [23] of 3: stopped in epoch [0-9]*; --resume m.aem.ckpt goes on after epoch [0-9]*$' err.txt
	ae-train -q --resume m.aem.ckpt -m resumed.aem "$F/train.n.aes"
	cmp whole.aem resumed.aem
}

@test "--resume with --ensemble K: stopped twice and gone on with, the bytes of an uninterrupted run" {
	local pid member options=("${NET[@]}" --ensemble 3 --epochs 300)
	ae-train -q "${options[@]}" -m whole.aem "$F/train.n.aes"
	for member in 1 3; do
		ae-train -v "${options[@]}" -m m.aem "$F/train.n.aes" 2>err.txt 3>&- &
		pid=$!
		until grep -q "member $member of 3: epoch 7/" err.txt || ! kill -0 $pid; do sleep 0.01; done
		kill -TERM $pid
		wait $pid || [ $? -eq 143 ]
		options=(--resume m.aem.ckpt --ensemble 3)
	done
	ae-train -q "${options[@]}" -m m.aem "$F/train.n.aes"
	cmp whole.aem m.aem
}

@test "--resume with --ensemble K: the model holds as many networks, or it is an error" {
	ae-train -q --resume "$F/three.aem" --ensemble 3 --epochs 3 -m more.aem "$F/train.n.aes"
	ae-train -q "${NET[@]}" --epochs 3 --ensemble 3 --seed 5 -m straight.aem "$F/train.n.aes"
	cmp more.aem straight.aem
	ae-train -q --resume "$F/5.aem" --ensemble 1 --epochs 3 -m one.aem "$F/train.n.aes"
	local k
	for k in 1 2 4; do
		expect_error 1 "*three.aem: holds an ensemble of 3 networks, not of $k (--ensemble); --resume goes on with those there are" \
			ae-train --resume "$F/three.aem" --ensemble $k --epochs 9 -m m.aem "$F/train.n.aes"
	done
	expect_error 1 '*5.aem: holds one network, not an ensemble of 2 (--ensemble); --resume goes on with what there is' \
		ae-train --resume "$F/5.aem" --ensemble 2 --epochs 9 -m m.aem "$F/train.n.aes"
	[ ! -e m.aem ]
}

@test "--ensemble: --patience is each member's own, and what has ended so does not go on" {
	local options=(--net 140-64-140 --lr 0.05 --epochs 40 --valid 0.3 --patience 2) member
	ae-train -q "${options[@]}" --ensemble 3 --log all.csv -m all.aem "$F/train.n.aes"
	for member in 1 2 3; do
		ae-train -q "${options[@]}" --seed $((member - 1)) --log one.csv -m one.aem "$F/train.n.aes"
		awk -F, -v OFS=, -v m=$member '$4 == m { print $1, $2, $3 }' all.csv | cmp - <(tail -n +2 one.csv)
		"$(tool ensemble)" member $member all.aem one.aem || [ "$(ae-info one.aem | grep -c '^state *kept')" -eq 1 ]
	done
}

@test "--ensemble: what it does not go with" {
	expect_error 2 '*--ensemble*' ae-train "${NET[@]}" --ensemble 0 -m m.aem "$F/train.n.aes"
	expect_error 2 '*--ensemble*' ae-train "${NET[@]}" --ensemble 1001 -m m.aem "$F/train.n.aes"
	expect_error 2 '*--ensemble: --net pca:K is computed at once, without it' \
		ae-train --net pca:3 --ensemble 2 -m m.aem "$F/train.n.aes"
	expect_error 2 '*--seed 18446744073709551615 leaves no seeds for an ensemble of 2' \
		ae-train "${NET[@]}" --ensemble 2 --seed 18446744073709551615 -m m.aem "$F/train.n.aes"
	expect_error 1 '*three.aem: holds an ensemble, which are no weights to begin with' \
		ae-train "${NET[@]}" --init "$F/three.aem" -m m.aem "$F/train.n.aes"
	expect_error 1 '*three.aem: an ensemble of 3 networks has a latent for each of them, not one' \
		ae-encode -m "$F/three.aem" "$F/test.n.aes"
	expect_error 1 '*three.aem: an ensemble of 3 networks has a latent for each of them, not one' \
		ae-recon --latent -m "$F/three.aem" "$F/test.n.aes"
	ae-encode -m "$F/5.aem" "$F/test.n.aes" -o latent.aes
	expect_error 1 '*three.aem: an ensemble of 3 networks has a latent for each of them, not one' \
		ae-decode -m "$F/three.aem" latent.aes
	ae-train -q "${NET[@]}" --epochs 1 --ensemble 2 --init "$F/5.aem" -m m.aem "$F/train.n.aes"
}

@test "--ensemble: the digest is of all members; a threshold goes into the file and leaves them as they are" {
	ae-train -q "${NET[@]}" --epochs 2 --ensemble 2 --seed 5 -m two.aem "$F/train.n.aes"
	cp "$F/three.aem" m.aem
	ae-recon -m m.aem "$F/train.n.aes" | ae-err -o e.aes
	ae-thresh --fit quantile:0.9 -m m.aem e.aes >fit.txt
	expect_error 1 '*two.aem*' ae-thresh --fit quantile:0.9 -m two.aem e.aes
	npy "$F/three.aem" before.npy
	npy m.aem after.npy
	cmp before.npy after.npy
	ae-train -q --resume m.aem --epochs 3 -m on.aem "$F/train.n.aes"
	ae-train -q "${NET[@]}" --epochs 3 --ensemble 3 --seed 5 -m straight.aem "$F/train.n.aes"
	cmp on.aem straight.aem
}

@test "--ensemble: ae-info shows the members, --strip drops the state of all" {
	ae-info "$F/three.aem" >info
	grep -q '^ensemble  *3 such networks, of seeds 5 to 7; their reconstructions are averaged$' info
	[ "$(grep -c 'member [123]: [0-9.]*, after 2 epochs$' info)" -eq 3 ]
	ae-train -q "${NET[@]}" --epochs 2 --ensemble 3 --seed 5 --strip -m bare.aem "$F/train.n.aes"
	run ! grep -aq moments bare.aem
	ae-info bare.aem | grep -q '^state *none$'
	npy "$F/three.aem" a.npy
	npy bare.aem b.npy
	cmp a.npy b.npy
	expect_error 1 '*bare.aem: holds no state to go on from*' ae-train --resume bare.aem --epochs 3 -m m.aem "$F/train.n.aes"
}

@test "--ensemble: the memory of all members counts" {
	awk 'BEGIN { for (i = 1; i < 501; i++) printf "%d,", i % 7; print 3 }' >wide.csv
	ae-train -q -H --net 501-501-501 --epochs 1 --strip -m one.aem wide.csv
	ae-train -q -H --net 501-501-501 --epochs 1 --strip --ensemble 8 -m eight.aem wide.csv
	ae-recon -H -j 1 --memory 24M -m one.aem wide.csv -o r.aes
	expect_error 1 '*eight.aem: needs * --memory * allows it' ae-recon -H -j 1 --memory 24M -m eight.aem wide.csv
}

@test "--ensemble: damaged files are refused, each with its reason" {
	local name message
	ae-train -q --net 3-2-3 --epochs 1 --ensemble 2 -m two.aem "$ROOT/tests/expected/mean_row.csv"
	python3 "$ROOT/tests/tools/bad_ensembles.py" two.aem >cases
	[ "$(wc -l <cases)" -eq 12 ]
	while read -r name message; do
		expect_error 1 "$name.aem: $message" ae-info "$name.aem" || return
	done <cases
}

@test "--ensemble: clean under valgrind" {
	valgrind_clean ae-recon -m "$F/three.aem" "$F/test.n.aes" >out.aes
	valgrind_clean ae-train -q --net 140-2-140 --epochs 1 --ensemble 2 -m m.aem "$F/test.n.aes"
	valgrind_clean ae-train -q --resume m.aem --epochs 2 -m n.aem "$F/test.n.aes"
}

# said FILE: the warnings of units and of the mean row
said() {
	grep -E 'no better than|latent unit|the output is' "$1" | sed 's/^ae-train: //'
}

@test "--ensemble: each member's warnings are those it has alone, with its number; ae-info shows them" {
	awk 'BEGIN { print "a,b,c"; for (i = 1; i <= 60; i++) printf "%.4f,%.4f,%.4f\n", sin(i), cos(2 * i), 1e5 * sin(3 * i) * cos(i) }' >rows.csv
	local net=(--net 3-16-4-16-3 --hidden-act relu --lr 0.4 --epochs 10) k
	ae-train "${net[@]}" --ensemble 4 --seed 1 -m m.aem rows.csv 2>err.txt
	said err.txt >all.txt
	for k in 1 2 3 4; do
		ae-train "${net[@]}" --seed $k -m one.aem rows.csv 2>one.err
		said one.err | sed "s/^/member $k of 4: /" >>wanted.txt
	done
	grep -q '^member 4 of 4: .*latent units' wanted.txt
	cmp all.txt wanted.txt
	# that of the inputs is said once
	[ "$(grep -c 'x is not scaled' err.txt)" -eq 1 ]
	ae-info m.aem | sed -n 's/^warning  *//p' >shown.txt
	head -n 1 shown.txt | grep -q '^x is not scaled'
	tail -n +2 shown.txt | cmp - wanted.txt
	# the same bytes with -q; gone on with, the model says what holds then
	ae-train -q "${net[@]}" --ensemble 4 --seed 1 -m same.aem rows.csv
	cmp m.aem same.aem
	ae-train -q "${net[@]}" --epochs 5 --ensemble 4 --seed 1 -m half.aem rows.csv
	ae-train -q --resume half.aem --epochs 10 -m joined.aem rows.csv
	cmp m.aem joined.aem
}

@test "--ensemble: a checkpoint within it keeps the warnings of the members that have ended" {
	awk 'BEGIN { print "a,b,c"; for (i = 1; i <= 60; i++) printf "%.4f,%.4f,%.4f\n", sin(i), cos(2 * i), sin(3 * i) * cos(i) }' >rows.csv
	local net=(--net 3-16-4-16-3 --hidden-act relu --lr 0.4 --epochs 2000) pid
	ae-train -q "${net[@]}" --ensemble 3 -m whole.aem rows.csv
	ae-info whole.aem | grep -q '^warning .*member 1 of 3: '
	ae-train -v "${net[@]}" --ensemble 3 -m m.aem rows.csv 2>err.txt 3>&- &
	pid=$!
	until grep -q 'member 2 of 3: epoch 20/' err.txt || ! kill -0 $pid; do sleep 0.01; done
	kill -TERM $pid
	wait $pid || [ $? -eq 143 ]
	ae-train -q --resume m.aem.ckpt -m m.aem rows.csv
	cmp whole.aem m.aem
}

@test "--ensemble with --calibrate: every member trains without the rows held out, which are those of one network" {
	local k calibrate=(--calibrate 0.25 --calibrate-out)
	ae-train -q "${NET[@]}" --epochs 2 --ensemble 2 --seed 5 "${calibrate[@]}" held.aes -m two.aem "$F/train.n.aes"
	for k in 1 2; do
		ae-train -q "${NET[@]}" --epochs 2 --seed $((k + 4)) "${calibrate[@]}" one.aes -m one.aem "$F/train.n.aes"
		cmp held.aes one.aes
		"$(tool ensemble)" member $k two.aem one.aem
	done
	ae-recon -m two.aem held.aes | ae-err | ae-thresh --fit quantile:0.9 -m two.aem >fit.txt
	ae-info two.aem | grep -q "^threshold .*, $(ae-info --count held.aes) held-out rows$"
	# gone on with, the same rows are held out
	ae-train -q "${NET[@]}" --epochs 1 --ensemble 2 --seed 5 "${calibrate[@]}" first.aes -m first.aem "$F/train.n.aes"
	ae-train -q --resume first.aem --epochs 2 "${calibrate[@]}" again.aes -m joined.aem "$F/train.n.aes"
	cmp held.aes again.aes
	ae-train -q "${NET[@]}" --epochs 2 --ensemble 2 --seed 5 "${calibrate[@]}" held.aes -m two.aem "$F/train.n.aes"
	cmp joined.aem two.aem
	# neither of them where one cannot be written
	rm two.aem
	expect_error 1 '/dev/full: *; this model is in two.aem.new' \
		ae-train -q "${NET[@]}" --epochs 2 --ensemble 2 --seed 5 "${calibrate[@]}" /dev/full -m two.aem "$F/train.n.aes"
	[ ! -e two.aem ]
	cmp joined.aem two.aem.new
}
