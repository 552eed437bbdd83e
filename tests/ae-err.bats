#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-err: recon against target or x gives err.
load helpers
load fixture

# Numbers whose errors are exact.
exact_rows() {
	printf 'id,a,b,target.a,target.b,recon.a,recon.b,note,label\n'
	printf '"1,5",1,2,1.5,2,2,0,x y,0\n'
	printf '02,0,0,0,0,0,0,"p""q",1\n'
	printf '3 ,-4,8,8,8,4,0.5,,1\n'
}

@test "ae-err: --help, --version, unknown options" {
	check_manners ae-err
}

@test "ae-err: what is wrong in the arguments alone is status 2" {
	expect_error 2 'unknown metric "mean"; did you mean mae*' ae-err --metric mean "$F/test.r.aes"
	expect_error 2 '--of recon: expected x' ae-err --of recon "$F/test.r.aes"
	expect_error 2 '--batch-rows -1: *' ae-err --batch-rows -1 "$F/test.r.aes"
}

@test "ae-err: golden output of every metric" {
	exact_rows >n.csv
	ae-err --metric mae --pass note -c n.csv | cmp - <(printf 'id,note,label,err\n"1,5",x y,0,1.25\n02,"p""q",1,0\n3 ,,1,5.75\n')
	ae-err --metric mse --pass note -c n.csv | cmp - <(printf 'id,note,label,err\n"1,5",x y,0,2.125\n02,"p""q",1,0\n3 ,,1,36.125\n')
	ae-err --metric max --pass note -c n.csv | cmp - <(printf 'id,note,label,err\n"1,5",x y,0,2\n02,"p""q",1,0\n3 ,,1,7.5\n')
	ae-err --metric rmse --pass note -c n.csv |
		cmp - <(printf 'id,note,label,err\n"1,5",x y,0,1.4577379737113252\n02,"p""q",1,0\n3 ,,1,6.010407640085654\n')
	# 1 - (2 * 1.5 + 0 * 2) / (2 * 2.5); a row of zeros has no direction; 1 - (4 * 8 + 0.5 * 8) / (sqrt(16.25) * sqrt(128)).
	ae-err --metric cosine --pass note -c n.csv |
		cmp - <(printf 'id,note,label,err\n"1,5",x y,0,0.4\n02,"p""q",1,1\n3 ,,1,0.21064778262367367\n')
}

@test "ae-err: cosine is 0 in the same direction, 2 in the opposite one, and has no error per feature" {
	printf 'x.1,x.2,recon.1,recon.2\n3,4,6,8\n3,4,-3,-4\n0,5,7,0\n' | ae-err --metric cosine -c |
		cmp - <(printf 'err\n0\n2\n1\n')
	expect_error 2 '--metric cosine: it has no error per feature*' ae-err --metric cosine --per-feature n.csv
	expect_error 2 '--metric cosine: it has no error per feature*' ae-err --metric cosine --top 1 n.csv
}

@test "ae-err: --help, the error of --metric and the page name the same metrics" {
	local names metric
	names=$(ae-err --metric nothing 2>&1 </dev/null | sed 's/.*: expected //; s/,//g; s/ or / /')
	[ "$(wc -w <<<"$names")" -ge 5 ]
	for metric in $names; do
		ae-err --help | grep -q -- "--metric.* ${metric}[, ;]"
		sed -n '/^\.It Fl -metric/,/^\.It Fl -of/p' "$ROOT/man/ae-err.1" | grep -q "^\.Cm $metric\( \|$\)"
	done
}

@test "ae-err: recon is held against target, or against x where there is none" {
	exact_rows | ae-err --metric mae --pass note -c | cut -d, -f4- >target
	exact_rows | ae-cat --pass note --cols id,x,recon,note,label | ae-err --metric mae -c | tail -n +2 >x
	cmp x <(printf '"1,5",x y,0,1.5\n02,"p""q",1,0\n3 ,,1,7.75\n')
	exact_rows | ae-cat --pass note --cols id,target,recon,note,label | ae-err --metric mae -c | cut -d, -f4- | cmp - target
}

@test "ae-err: --of x holds the input against the target, without a model" {
	exact_rows | ae-err --of x --metric mae --pass note -c | tail -n +2 |
		cmp - <(printf '"1,5",x y,0,0.25\n02,"p""q",1,0\n3 ,,1,6\n')
	exact_rows | ae-cat --pass note --cols x,recon | expect_error 1 '<stdin>: *target*' ae-err --of x
}

@test "ae-err: --per-feature adds the error of every feature" {
	exact_rows | ae-err --per-feature --metric mse --pass note -c >out.csv
	cmp out.csv <(printf 'id,note,label,err,err.a,err.b\n"1,5",x y,0,2.125,0.25,4\n02,"p""q",1,0,0,0\n3 ,,1,36.125,16,56.25\n')
	exact_rows | ae-err --per-feature --metric mae --pass note | ae-thresh --at 2 >v.csv
	[ "$(tail -n 1 v.csv)" = '3 ,,1,5.75,4,7.5,1' ]
	ae-recon -m "$F/m.aem" "$F/test.n.aes" | ae-err --per-feature -c >e.csv
	[ "$(head -n 1 e.csv | tr , '\n' | grep -c '^err')" -eq 141 ]
	same 'cut -d, -f1,2 e.csv' "ae-cat -c $F/test.e.aes"
}

@test "ae-err: gives PyTorch's numbers in every metric" {
	local metric n=0
	for metric in mae mse rmse max cosine; do
		n=$((n + 1))
		small ae-recon | ae-err --metric $metric | ae-cat -c --cols err | tail -n +2 >ours
		near 1e-6 <(tail -n +2 "$ROOT/tests/expected/small.err.csv" | cut -d, -f$n) ours
	done
}

@test "ae-err: the default metric is the loss that the model was trained with" {
	local loss
	for loss in mae mse; do
		ae-train -q --net 140-2-140 --epochs 1 --loss $loss -m $loss.aem "$F/train.n.aes"
		ae-recon -m $loss.aem "$F/test.n.aes" >r.aes
		ae-err -o default.aes r.aes
		ae-err --metric $loss r.aes | cmp - default.aes
	done
	ae-recon -m mae.aem "$F/test.n.aes" | ae-err --metric mse -c >other.csv
	ae-recon -m mae.aem "$F/test.n.aes" | ae-err -c >default.csv
	run cmp -s other.csv default.csv
	[ "$status" -eq 1 ]
}

@test "ae-err: x, target and recon are dropped, and kept with --keep; the rest passes in order" {
	exact_rows >n.csv
	ae-err --metric mae --pass note --keep -c n.csv >kept.csv
	ae-cat -c --pass note n.csv | paste -d, - <(printf 'err\n1.25\n0\n5.75\n') | cmp - kept.csv
	small ae-recon | ae-err | ae-cat -c --cols id,time,pass,label >carried.csv
	ae-cat -c --id id --time time --pass plant --cols id,time,pass,label "$ROOT/tests/expected/small.csv" | cmp - carried.csv
}

@test "ae-err: latent is dropped too, whatever the metric, and kept with --keep" {
	ae-recon --latent -m "$F/m.aem" -o latent.aes "$F/test.n.aes"
	ae-err latent.aes | cmp - "$F/test.e.aes"
	ae-err -m "$F/m.aem" --metric t2 -c latent.aes | head -n 1 | grep -qx 'label,err'
	ae-err --keep -c latent.aes | head -n 1 | grep -q 'latent\.1,.*err$'
	ae-err --keep latent.aes | ae-cat -c --cols latent | cmp - <(ae-cat -c --cols latent latent.aes)
}

@test "ae-err: -m FILE is taken with every metric, and must be the model that made recon" {
	local metric other=$ROOT/tests/expected/models-0.1/dense.aem
	ae-err -m "$F/m.aem" "$F/test.r.aes" | cmp - "$F/test.e.aes"
	for metric in mae mse rmse max cosine; do
		ae-err --metric $metric "$F/test.r.aes" >without.aes
		ae-err --metric $metric -m "$F/m.aem" "$F/test.r.aes" | cmp - without.aes
	done
	expect_error 1 "*: what is scored was not made with $other" ae-err --metric mae -m "$other" "$F/test.r.aes"
	expect_error 1 '*: what is scored was not made with *' ae-err --top 2 -m "$other" "$F/test.r.aes"
	# units do not matter where those of the training are not taken
	ae-normalize --invert "$F/test.r.aes" | ae-err -m "$F/m.aem" >e.aes
	printf 'x.1,target.1\n1,2\n' | expect_error 2 '--of x holds x itself against target, *' ae-err --of x -m "$F/m.aem"
}

@test "ae-err: golden output of a scored stream, to the bit where there is fused multiply-add" {
	fma_or_skip
	small ae-recon | ae-err --keep -c | cmp - "$ROOT/tests/expected/small.golden.csv"
}

@test "ae-err: CSV, TSV and AEST give the same scores" {
	ae-err --metric mae -c "$F/test.r.aes" >from-aest.csv
	ae-cat -c "$F/test.r.aes" | ae-err --metric mae -c | cmp - from-aest.csv
	ae-cat -t "$F/test.r.aes" | ae-err -I tsv --metric mae -c | cmp - from-aest.csv
	ae-cat -c "$F/test.r.aes" | ae-err --f32 --metric mae -c | cmp - from-aest.csv
	ae-err --metric mae -t "$F/test.r.aes" | tr '\t' , | cmp - from-aest.csv
	ae-err --metric mae -o out.csv "$F/test.r.aes"
	cmp out.csv from-aest.csv
}

@test "ae-err: --batch-rows 1, 2, 7, 16, 17 and 512 give equal rows" {
	same_for_batches "$F/test.r.aes" ae-err
	same_for_batches "$F/test.r.aes" ae-err --per-feature
}

@test "ae-err: a cut stream is an error" {
	same_for_cuts "$F/test.r.aes" ae-err
	same_for_cuts "$F/test.r.aes" ae-err -c
}

@test "ae-err: shapes that differ, and columns that are not there, are refused" {
	printf 'a,b,recon.a\n1,2,3\n' >two.csv
	expect_error 1 'two.csv: recon of shape \[1\] against x of shape \[2\]' ae-err two.csv
	yes 1 | head -n 5000 | paste -sd, | ae-cat -H >wide.aes
	expect_error 1 'wide.aes: *recon*' ae-err wide.aes
	printf 'recon.a\n1\n' >alone.csv
	expect_error 1 'alone.csv: *neither target nor x*' ae-err alone.csv
	expect_error 1 "$F/test.n.aes: *recon*" ae-err "$F/test.n.aes"
}

@test "ae-err: a row that was not computed has no score, in every metric" {
	local metric
	ae-cat -c --id id --time time --pass plant --cols x,label "$ROOT/tests/expected/small.csv" |
		sed '3s/^[^,]*/NA/; 5s/.*/,,,,,,,,,1/' >holes.csv
	ae-normalize --missing=mask -m "$SMALL" holes.csv |
		ae-recon -m "$SMALL" >r.aes
	for metric in mae mse rmse max cosine; do
		ae-err --metric $metric -c r.aes >e.csv
		[ "$(grep -c nan e.csv)" -eq 2 ]
		[ "$(sed -n 3p e.csv)" = 1.0,nan ]
		[ "$(sed -n 5p e.csv)" = 1,nan ]
		small ae-recon | ae-err --metric $metric | ae-cat --cols label,err -c | sed '3d;5d' | cmp - <(sed '3d;5d' e.csv)
	done
	ae-err --per-feature -c r.aes >e.csv
	[ "$(sed -n 5p e.csv)" = 1,nan,nan,nan,nan,nan,nan,nan,nan,nan,nan ]
	ae-thresh --at 0 <(ae-err r.aes) | sed -n 5p | grep -q '^1,nan,$'
}

@test "ae-err: cells without a reference are left out of the score" {
	printf 'a,b,recon.a,recon.b\n1,,2,9\n1,1,2,4\n' >mask.csv
	ae-err --missing=mask --metric mae -c mask.csv | cmp - <(printf 'err\n1\n2\n')
	ae-err --missing=mask --metric mse -c mask.csv | cmp - <(printf 'err\n1\n5\n')
	ae-err --missing=mask --metric max -c mask.csv | cmp - <(printf 'err\n1\n3\n')
	ae-err --missing=mask --metric mae --per-feature -c mask.csv | cmp - <(printf 'err,err.a,err.b\n1,1,nan\n2,1,3\n')
}

@test "ae-err: an error beyond all numbers is the largest number, and an anomaly" {
	printf 'a,target.a\n-1.5e308,1.5e308\n1,2\n' >huge.csv
	local largest=1.7976931348623157e+308
	ae-err --of x --metric mae -c huge.csv | cmp - <(printf 'err\n%s\n1\n' $largest)
	ae-err --of x --metric mae huge.csv | ae-thresh --at 5 | cmp - <(printf 'err,pred\n%s,1\n1,0\n' $largest)
}

@test "ae-err: a stopped stream stays one" {
	exact_rows | ae-cat --pass note --cols x,recon,label >n.aes
	stopped_stream n.aes stopped.aes
	ae-err stopped.aes >out.aes
	is_stopped out.aes
	[ "$(ae-cat -c out.aes | wc -l)" -eq 4 ]
}

@test "ae-err: a stream of a header alone stays one" {
	ae-cat --head 0 "$F/test.r.aes" | ae-err -c | cmp - <(printf 'label,err\n')
}

@test "ae-err: /dev/full is an error" {
	expect_error 1 '*No space left on device' full ae-err "$F/test.r.aes"
	expect_error 1 '*No space left on device' full ae-err -c "$F/test.r.aes"
}

@test "ae-err: a reader that has gone ends it quietly" {
	quiet_when_closed ae-err "$F/test.r.aes"
	quiet_when_closed ae-err -c "$F/test.r.aes"
}

@test "ae-err: clean under valgrind" {
	valgrind_clean ae-err --per-feature "$F/test.r.aes" >/dev/null
	valgrind_clean ae-err "$F/test.r.aes" "$F/test.r.aes" >/dev/null
	exact_rows >n.csv
	valgrind_clean ae-err --of x --metric rmse --keep --pass note -c n.csv >/dev/null
	run valgrind_clean ae-err "$F/test.n.aes"
	[ "$status" -eq 1 ]
}
